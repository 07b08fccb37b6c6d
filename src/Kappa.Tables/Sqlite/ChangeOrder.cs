using System.Buffers.Binary;

namespace Kappa.Tables.Sqlite;

/// <summary>
/// Changes in order of table and key, because SQLite's tree is fastest then; those of one key in the order they were
/// made. Keys are mostly told apart by their first bytes, which stand beside each change.
/// </summary>
internal sealed class ChangeOrder
{
    private const int PrefixBytes = 16;

    private Entry[] _entries = [];

    /// <summary>How many changes there are.</summary>
    public int Count { get; private set; }

    /// <summary>The number, in the list, of the change that comes at a position.</summary>
    public int this[int position] => _entries[position].Change;

    /// <summary>Sorts a list.</summary>
    public void Sort(TableChanges changes)
    {
        Count = changes.Count;
        if (_entries.Length < Count)
        {
            _entries = new Entry[Count];
        }

        for (var i = 0; i < Count; i++)
        {
            var change = changes[i];
            _entries[i] = Entry.Of(change, i);
        }

        _entries.AsSpan(0, Count).Sort((left, right) => Compare(changes, left, right) is var byKey and not 0
            ? byKey : left.Change.CompareTo(right.Change));
    }

    /// <summary>Is the change at a position of the same key as the one behind it?</summary>
    public bool IsChangedAgain(TableChanges changes, int position) =>
        position + 1 < Count && Compare(changes, _entries[position], _entries[position + 1]) == 0;

    private static int Compare(TableChanges changes, in Entry left, in Entry right)
    {
        if (left.Table != right.Table)
        {
            return left.Table < right.Table ? -1 : 1;
        }

        if (left.High != right.High)
        {
            return left.High < right.High ? -1 : 1;
        }

        return left.Low != right.Low
            ? left.Low < right.Low ? -1 : 1
            : changes[left.Change].Key.Span.SequenceCompareTo(changes[right.Change].Key.Span);
    }

    /// <summary>A change with the first bytes of its key, zeros behind a shorter one.</summary>
    private readonly record struct Entry(ulong High, ulong Low, int Table, int Change)
    {
        public static Entry Of(in TableChange change, int number)
        {
            Span<byte> first = stackalloc byte[PrefixBytes];
            var key = change.Key.Span;
            key[..Math.Min(key.Length, PrefixBytes)].CopyTo(first);
            return new(
                BinaryPrimitives.ReadUInt64BigEndian(first), BinaryPrimitives.ReadUInt64BigEndian(first[8..]),
                change.Table, number);
        }
    }
}
