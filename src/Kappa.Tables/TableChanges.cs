namespace Kappa.Tables;

/// <summary>
/// Changes of a version's tables between two places: full rows to put and keys to remove. The last change of a key
/// counts. Reused from commit to commit, so that a steady job allocates nothing for it. Not thread-safe.
/// </summary>
public sealed class TableChanges
{
    private const int PieceBits = 12;
    private const int PieceEntries = 1 << PieceBits;

    // Pieces, not one array that doubles: fresh memory is slow, and most of what is large was needed before.
    private List<Piece> _pieces = [];

    /// <summary>How many changes there are.</summary>
    public int Count { get; private set; }

    /// <summary>How many bytes they take.</summary>
    public long ByteCount { get; private set; }

    /// <summary>The change at an index, in the order they were made.</summary>
    public TableChange this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            var piece = _pieces[index >> PieceBits];
            var entry = piece.Entries[index & (PieceEntries - 1)];
            var key = piece.Bytes.AsMemory(entry.KeyAt, entry.KeyLength);
            var row = entry.RowLength < 0
                ? (ReadOnlyMemory<byte>?)null
                : piece.Bytes.AsMemory(entry.KeyAt + entry.KeyLength, entry.RowLength);
            return new TableChange(entry.Table, key, row);
        }
    }

    /// <summary>Puts a full row.</summary>
    /// <param name="table">Index of the table in the version's list.</param>
    /// <param name="key">Key bytes.</param>
    /// <param name="row">Row bytes.</param>
    public void Put(int table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> row)
    {
        var bytes = Put(table, key.Length, row.Length);
        key.CopyTo(bytes);
        row.CopyTo(bytes[key.Length..]);
    }

    /// <summary>Puts a full row whose bytes the caller writes: the key's, then the row's.</summary>
    /// <param name="table">Index of the table in the version's list.</param>
    /// <param name="keyLength">How many bytes are the key's.</param>
    /// <param name="rowLength">How many are the row's.</param>
    /// <returns>Where to write them, at once.</returns>
    public Span<byte> Put(int table, int keyLength, int rowLength) => New(table, keyLength, rowLength);

    /// <summary>Moves all changes of another list behind these; that one is empty then.</summary>
    public void Take(TableChanges other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Count == 0)
        {
            (_pieces, other._pieces) = (other._pieces, _pieces);
            (Count, ByteCount) = (other.Count, other.ByteCount);
        }
        else
        {
            for (var i = 0; i < other.Count; i++)
            {
                var change = other[i];
                var bytes = New(change.Table, change.Key.Length, change.Row?.Length ?? -1);
                change.Key.Span.CopyTo(bytes);
                change.Row?.Span.CopyTo(bytes[change.Key.Length..]);
            }
        }

        other.Clear();
    }

    /// <summary>Removes a row, if it is there.</summary>
    public void Remove(int table, ReadOnlySpan<byte> key) => key.CopyTo(New(table, key.Length, -1));

    /// <summary>Forgets all changes; the buffers stay.</summary>
    public void Clear() => (Count, ByteCount) = (0, 0);

    private Span<byte> New(int table, int keyLength, int rowLength)
    {
        var at = Count & (PieceEntries - 1);
        if (Count >> PieceBits == _pieces.Count)
        {
            _pieces.Add(new Piece());
        }

        var piece = _pieces[Count >> PieceBits];
        var length = keyLength + Math.Max(rowLength, 0);
        var start = at == 0 ? 0 : piece.Entries[at - 1].End;
        if (piece.Bytes.Length - start < length)
        {
            Array.Resize(ref piece.Bytes, Math.Max(piece.Bytes.Length * 2, start + length));
        }

        piece.Entries[at] = new Entry(table, start, keyLength, rowLength);
        Count++;
        ByteCount += length;
        return piece.Bytes.AsSpan(start, length);
    }

    /// <summary>Some of the changes.</summary>
    private sealed class Piece
    {
        public readonly Entry[] Entries = new Entry[PieceEntries];

        public byte[] Bytes = new byte[PieceEntries * 16];
    }

    private readonly record struct Entry(int Table, int KeyAt, int KeyLength, int RowLength)
    {
        public int End => KeyAt + KeyLength + Math.Max(RowLength, 0);
    }
}

/// <summary>One change of a table.</summary>
/// <param name="Table">Index of the table in the version's list.</param>
/// <param name="Key">Key bytes; valid until the changes are cleared.</param>
/// <param name="Row">Row bytes, or null where the row is removed.</param>
public readonly record struct TableChange(int Table, ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte>? Row);
