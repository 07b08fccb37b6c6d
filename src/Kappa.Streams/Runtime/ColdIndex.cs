using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kappa.Streams.Runtime;

/// <summary>
/// Where the records of cold keys lie in a scratch file, by the tags of the keys: open addressing, 12 bytes a slot, 16
/// to 32 a key. Keys with the same tag are told apart by the key in the file.
/// </summary>
internal sealed class ColdIndex
{
    private const int SlotsMin = 16;

    /// <summary>Marks a place in the new file while records move there.</summary>
    private const long Moved = 1L << 62;

    private Slot[] _slots = new Slot[SlotsMin];
    private int _shift = 32 - 4;

    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private struct Slot
    {
        public uint Tag;
        public long Place;
    }

    public int Count { get; private set; }

    /// <summary>Memory it takes.</summary>
    public long Bytes => (long)_slots.Length * Unsafe.SizeOf<Slot>();

    /// <summary>Length of the records it points to, with their heads.</summary>
    public long RecordBytes { get; private set; }

    public void Add(uint tag, long place, int length)
    {
        if (Count + 1 > _slots.Length - (_slots.Length >> 2))
        {
            Resize(_slots.Length * 2);
        }

        _slots[FreeFrom(tag)] = new Slot { Tag = tag, Place = place };
        Count++;
        RecordBytes += length;
    }

    /// <summary>The first slot with a tag; −1 for none.</summary>
    public int First(uint tag) => Find((int)(tag >> _shift), tag);

    /// <summary>The next one behind a slot.</summary>
    public int Next(int slot, uint tag) => Find((slot + 1) & (_slots.Length - 1), tag);

    public long PlaceOf(int slot) => _slots[slot].Place;

    /// <summary>Removes what a slot holds: those behind it in its run move up.</summary>
    public void Remove(int slot, int length)
    {
        var mask = _slots.Length - 1;
        var hole = slot;
        for (var at = (hole + 1) & mask; _slots[at].Tag != 0; at = (at + 1) & mask)
        {
            var home = (int)(_slots[at].Tag >> _shift);
            if (((at - home) & mask) >= ((at - hole) & mask))
            {
                _slots[hole] = _slots[at];
                hole = at;
            }
        }

        _slots[hole] = default;
        Count--;
        RecordBytes -= length;
        if (_slots.Length > SlotsMin && Count < _slots.Length / 8)
        {
            Resize(_slots.Length / 2);
        }
    }

    /// <summary>All places, ascending.</summary>
    public long[] Places()
    {
        var places = new long[Count];
        var next = 0;
        foreach (ref var slot in _slots.AsSpan())
        {
            if (slot.Tag != 0)
            {
                places[next++] = slot.Place;
            }
        }

        Array.Sort(places);
        return places;
    }

    /// <summary>Notes that a record moved; false where nothing points to it any more.</summary>
    public bool TryMove(uint tag, long from, long to)
    {
        for (var slot = First(tag); slot >= 0; slot = Next(slot, tag))
        {
            if (_slots[slot].Place == from)
            {
                _slots[slot].Place = to | Moved;
                return true;
            }
        }

        return false;
    }

    /// <summary>All records have moved.</summary>
    public void EndMove()
    {
        foreach (ref var slot in _slots.AsSpan())
        {
            slot.Place &= ~Moved;
        }
    }

    private int Find(int at, uint tag)
    {
        while (_slots[at].Tag != 0)
        {
            if (_slots[at].Tag == tag)
            {
                return at;
            }

            at = (at + 1) & (_slots.Length - 1);
        }

        return -1;
    }

    private uint FreeFrom(uint tag)
    {
        var at = tag >> _shift;
        while (_slots[at].Tag != 0)
        {
            at = (at + 1) & (uint)(_slots.Length - 1);
        }

        return at;
    }

    private void Resize(int length)
    {
        var old = _slots;
        _slots = new Slot[length];
        _shift = 32 - BitOperations.Log2((uint)length);
        foreach (ref var slot in old.AsSpan())
        {
            if (slot.Tag != 0)
            {
                _slots[FreeFrom(slot.Tag)] = slot;
            }
        }
    }
}
