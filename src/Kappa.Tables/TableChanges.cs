using System.Buffers;

namespace Kappa.Tables;

/// <summary>
/// Changes of a version's tables between two places: full rows to put and keys to remove. The last change of a key
/// counts. Reused from commit to commit, so that a steady job allocates nothing for it. Not thread-safe.
/// </summary>
public sealed class TableChanges
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly List<Entry> _entries = [];

    private readonly record struct Entry(int Table, int KeyAt, int KeyLength, int RowLength);

    /// <summary>How many changes there are.</summary>
    public int Count => _entries.Count;

    /// <summary>How many bytes they take.</summary>
    public long ByteCount => _bytes.WrittenCount;

    /// <summary>The change at an index, in the order they were made.</summary>
    public TableChange this[int index]
    {
        get
        {
            var entry = _entries[index];
            var key = _bytes.WrittenMemory.Slice(entry.KeyAt, entry.KeyLength);
            var row = entry.RowLength < 0
                ? (ReadOnlyMemory<byte>?)null
                : _bytes.WrittenMemory.Slice(entry.KeyAt + entry.KeyLength, entry.RowLength);
            return new TableChange(entry.Table, key, row);
        }
    }

    /// <summary>Puts a full row.</summary>
    /// <param name="table">Index of the table in the version's list.</param>
    /// <param name="key">Key bytes.</param>
    /// <param name="row">Row bytes.</param>
    public void Put(int table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> row)
    {
        _entries.Add(new Entry(table, _bytes.WrittenCount, key.Length, row.Length));
        _bytes.Write(key);
        _bytes.Write(row);
    }

    /// <summary>Puts a full row whose bytes the caller writes: the key's, then the row's.</summary>
    /// <param name="table">Index of the table in the version's list.</param>
    /// <param name="keyLength">How many bytes are the key's.</param>
    /// <param name="rowLength">How many are the row's.</param>
    /// <returns>Where to write them, at once.</returns>
    public Span<byte> Put(int table, int keyLength, int rowLength)
    {
        _entries.Add(new Entry(table, _bytes.WrittenCount, keyLength, rowLength));
        var span = _bytes.GetSpan(keyLength + rowLength)[..(keyLength + rowLength)];
        _bytes.Advance(keyLength + rowLength);
        return span;
    }

    /// <summary>Adds all changes of another list behind these.</summary>
    public void Add(TableChanges other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var moved = _bytes.WrittenCount;
        _bytes.Write(other._bytes.WrittenSpan);
        _entries.EnsureCapacity(_entries.Count + other._entries.Count);
        foreach (var entry in other._entries)
        {
            _entries.Add(entry with { KeyAt = entry.KeyAt + moved });
        }
    }

    /// <summary>Removes a row, if it is there.</summary>
    public void Remove(int table, ReadOnlySpan<byte> key)
    {
        _entries.Add(new Entry(table, _bytes.WrittenCount, key.Length, -1));
        _bytes.Write(key);
    }

    /// <summary>Forgets all changes; the buffers stay.</summary>
    public void Clear()
    {
        _entries.Clear();
        _bytes.ResetWrittenCount();
    }
}

/// <summary>One change of a table.</summary>
/// <param name="Table">Index of the table in the version's list.</param>
/// <param name="Key">Key bytes; valid until the changes are cleared.</param>
/// <param name="Row">Row bytes, or null where the row is removed.</param>
public readonly record struct TableChange(int Table, ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte>? Row);
