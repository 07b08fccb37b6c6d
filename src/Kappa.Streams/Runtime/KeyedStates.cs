using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Kappa.Streams.Runtime;

/// <summary>
/// States by key: open addressing with keys and states inline, so that a known key costs one cache line and no
/// allocation. A slot's tag is the key's hash with three low bits: taken, changed since rows were last written, touched
/// since states were last looked through for cold ones.
/// </summary>
internal sealed partial class KeyedStates<TKey, TState>
    where TKey : notnull
{
    private const uint Changed = KeyTag.Changed;
    private const uint Marks = KeyTag.Changed | KeyTag.Touched;
    private const int SlotsMin = 16;
    private const int PrefetchBytesMin = 256 << 10;

    private Slot[] _slots = new Slot[SlotsMin];
    private int _shift = 32 - 4;

    /// <summary>One key with its state; free where the tag is 0.</summary>
    internal struct Slot
    {
        public uint Tag;
        public TKey Key;
        public TState State;
    }

    /// <summary>How many keys there are in memory.</summary>
    public int Count { get; private set; }

    /// <summary>Is it so large that its slots are better fetched ahead?</summary>
    public bool IsLarge => (long)_slots.Length * Unsafe.SizeOf<Slot>() >= PrefetchBytesMin;

    /// <summary>Makes room for so many more keys, so that slots stay where they are while these are added.</summary>
    public void Reserve(int more)
    {
        if (Count + more > _slots.Length - (_slots.Length >> 2))
        {
            Grow(Count + more);
        }
    }

    /// <summary>The slot of a key; a free one, its tag 0, where the key is not there. Reserve room first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref Slot Find(uint tag, TKey key)
    {
        ref var slots = ref MemoryMarshal.GetArrayDataReference(_slots);
        var mask = (uint)_slots.Length - 1;
        var at = tag >> _shift;
        while (true)
        {
            ref var slot = ref Unsafe.Add(ref slots, at);
            if ((slot.Tag | Marks) == tag && EqualityComparer<TKey>.Default.Equals(slot.Key, key))
            {
                return ref slot;
            }

            if (slot.Tag == 0)
            {
                return ref slot;
            }

            at = (at + 1) & mask;
        }
    }

    /// <summary>Takes the free slot that <see cref="Find"/> gave.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Take(ref Slot slot, uint tag, TKey key, TState state)
    {
        if (!_isMany && (tag & Changed) != 0)
        {
            Note(key);
        }

        slot.Tag = tag;
        slot.Key = key;
        slot.State = state;
        Count++;
        _owner.Keys++;
    }

    /// <summary>Asks the processor to fetch the slot a tag begins its search at.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Prefetch(uint tag)
    {
        if (Sse.IsSupported)
        {
            // Only a hint: the address may be stale by the time it is used.
            Sse.Prefetch0(Unsafe.AsPointer(
                ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_slots), tag >> _shift)));
        }
    }

    /// <summary>The state of a key, if it is there; a cold one is read back.</summary>
    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TState state)
    {
        if (_cold is not null)
        {
            Reserve(1);
        }

        var tag = KeyTag.Of(key);
        ref var slot = ref Find(tag, key);
        if (slot.Tag == 0 && !Thaw(ref slot, tag, key))
        {
            state = default;
            return false;
        }

        slot.Tag |= KeyTag.Touched;
        state = slot.State;
        return true;
    }

    /// <summary>Puts the state of a key that is not cold, marked as changed or not.</summary>
    public void Put(TKey key, TState state, bool isChanged)
    {
        Reserve(1);
        var tag = KeyTag.Of(key);
        ref var slot = ref Find(tag, key);
        if (slot.Tag == 0)
        {
            Take(ref slot, isChanged ? tag : tag & ~Changed, key, state);
        }
        else if (isChanged)
        {
            NoteChange(ref slot, key);
        }

        slot.State = state;
        slot.Tag = isChanged ? tag : (slot.Tag & ~Changed) | KeyTag.Touched;
    }

    /// <summary>Removes a key that is not cold, if it is there: those behind it in its run move up.</summary>
    public void Remove(TKey key)
    {
        ref var found = ref Find(KeyTag.Of(key), key);
        if (found.Tag == 0)
        {
            return;
        }

        var mask = _slots.Length - 1;
        var hole = (int)(Unsafe.ByteOffset(ref _slots[0], ref found) / Unsafe.SizeOf<Slot>());
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
        _owner.Keys--;
    }

    /// <summary>Forgets all keys, cold ones too; the memory stays.</summary>
    public void Clear()
    {
        Array.Clear(_slots);
        _owner.Keys -= Count;
        Count = 0;
        ForgetChanges();
        ForgetCold();
    }

    /// <summary>All slots, free ones among them.</summary>
    public Span<Slot> Slots => _slots;

    /// <summary>Is a slot taken?</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsTaken(in Slot slot) => slot.Tag != 0;

    /// <summary>Is it marked as changed?</summary>
    public static bool IsChanged(in Slot slot) => (slot.Tag & KeyTag.Changed) != 0;

    /// <summary>Did it change since the last call for it? Asking takes the mark away.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TakeChange(ref Slot slot)
    {
        var changed = (slot.Tag & Changed) != 0;
        slot.Tag &= ~Changed;
        return changed;
    }

    private void Grow(int keys)
    {
        var old = _slots;
        var length = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(keys + (keys / 3) + 1, SlotsMin));
        _slots = LargePages.Allocate<Slot>(length);
        _shift = 32 - BitOperations.Log2((uint)length);
        foreach (ref var slot in old.AsSpan())
        {
            if (slot.Tag != 0)
            {
                _slots[FreeFrom(slot.Tag)] = slot;
            }
        }
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
}

/// <summary>What a slot is found by before its key is compared.</summary>
internal static class KeyTag
{
    public const uint Taken = 1;
    public const uint Changed = 2;
    public const uint Touched = 4;
    public const uint All = Taken | Changed | Touched;

    /// <summary>The tag of a key, marked as changed and touched. Equal keys have equal tags.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Of<TKey>(TKey key)
        where TKey : notnull
    {
        if (typeof(TKey) == typeof(int))
        {
            return ((uint)Unsafe.As<TKey, int>(ref key) * 0x9E37_79B1u) | All;
        }

        if (typeof(TKey) == typeof(long))
        {
            return (uint)((Unsafe.As<TKey, ulong>(ref key) * 0x9E37_79B9_7F4A_7C15ul) >> 32) | All;
        }

        return ((uint)EqualityComparer<TKey>.Default.GetHashCode(key) * 0x9E37_79B1u) | All;
    }
}
