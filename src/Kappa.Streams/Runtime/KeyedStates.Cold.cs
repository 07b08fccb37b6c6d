using System.Runtime.CompilerServices;

namespace Kappa.Streams.Runtime;

/// <content>Cold keys: their states are in a scratch file, and here is only where.</content>
internal sealed partial class KeyedStates<TKey, TState>
{
    private readonly StageStates<TKey, TState> _owner;
    private ColdIndex? _cold;
    private int _hand;

    /// <summary>States of a stage; <paramref name="owner"/> makes it.</summary>
    public KeyedStates(StageStates<TKey, TState> owner, int number)
    {
        _owner = owner;
        Number = number;
        _isMany = !owner.HasRows;
    }

    /// <summary>Which of its stage's tables it is.</summary>
    public int Number { get; }

    /// <summary>How many keys are in the scratch file.</summary>
    public int ColdCount => _cold?.Count ?? 0;

    /// <summary>
    /// Reads a cold key back into the free slot that <see cref="Find"/> gave; false where it is not there either.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Thaw(ref Slot slot, uint tag, TKey key) => _cold is not null && ThawCold(ref slot, tag, key);

    /// <summary>
    /// Moves about so many keys that were neither changed since rows were last written nor touched since the last call
    /// to the scratch file. A key passed over is taken the next time unless it is touched again.
    /// </summary>
    /// <returns>How many were moved.</returns>
    public int Chill(int most)
    {
        var held = _owner.HasRows ? Marks : KeyTag.Touched;
        var moved = 0;
        var start = StartOfRun();
        for (var passed = 0; passed < _slots.Length && moved < most; passed++)
        {
            _hand = (_hand + 1) & (_slots.Length - 1);
            ref var slot = ref _slots[_hand];
            if (slot.Tag == 0)
            {
                continue;
            }

            if ((slot.Tag & held) == 0 && !_owner.IsHeld(slot.State))
            {
                _cold ??= _owner.MakeIndex();
                _owner.Write(this, _cold, slot);
                slot = default;
                moved++;
            }
            else
            {
                slot.Tag &= ~KeyTag.Touched;
            }
        }

        Count -= moved;
        _owner.Keys -= moved;
        if (_slots.Length > SlotsMin && Count < _slots.Length / 8)
        {
            Grow(Count * 2);
        }
        else if (moved > 0)
        {
            Close(start);
        }

        return moved;
    }

    /// <summary>Where the states of all keys are, in no order; valid until the table changes.</summary>
    public void Locate(List<Located<TKey, TState>> into)
    {
        for (var i = 0; i < _slots.Length; i++)
        {
            if (_slots[i].Tag != 0)
            {
                into.Add(new(Columns<TKey>.KeyBytes(_slots[i].Key), this, ~i));
            }
        }

        foreach (var at in ColdPlaces())
        {
            into.Add(new(Columns<TKey>.KeyBytes(_owner.Read(at, isNext: true).Key), this, at));
        }
    }

    /// <summary>A key with its state at a place that <see cref="Locate"/> gave; a cold one stays cold.</summary>
    public (TKey Key, TState State) At(long place) =>
        place < 0 ? (_slots[~place].Key, _slots[~place].State) : _owner.Read(place, isNext: false);

    /// <summary>All cold keys with their states, as they lie in the file; they stay cold.</summary>
    public IEnumerable<(TKey Key, TState State)> Cold() => ColdPlaces().Select(at => _owner.Read(at, isNext: true));

    /// <summary>Where the cold keys lie, in the order of the file.</summary>
    public long[] ColdPlaces() => _cold?.Places() ?? [];

    /// <summary>Removes a key from wherever it is.</summary>
    public void RemoveAnywhere(TKey key)
    {
        if (TryGet(key, out _))
        {
            Remove(key);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool ThawCold(ref Slot slot, uint tag, TKey key)
    {
        if (!_owner.TryTake(_cold!, tag, key, out var state))
        {
            return false;
        }

        Take(ref slot, tag & ~Changed, key, state);
        if (_cold!.Count == 0)
        {
            ForgetCold();
        }

        return true;
    }

    private void ForgetCold()
    {
        if (_cold is not null)
        {
            _owner.Forget(this, _cold);
            _cold = null;
        }
    }

    /// <summary>A slot in front of which no run of keys goes on: the one behind a free slot.</summary>
    private int StartOfRun()
    {
        var at = 0;
        while (_slots[at].Tag != 0)
        {
            at++;
        }

        return at;
    }

    /// <summary>Closes the gaps in runs: each key, in order, goes to the first free slot from its home on.</summary>
    private void Close(int start)
    {
        for (var passed = 1; passed <= _slots.Length; passed++)
        {
            var at = (start + passed) & (_slots.Length - 1);
            var slot = _slots[at];
            if (slot.Tag != 0)
            {
                _slots[at].Tag = 0;
                var free = FreeFrom(slot.Tag);
                _slots[at] = default;
                _slots[free] = slot;
            }
        }
    }
}

/// <summary>Where a key's state is: a slot in memory, as its complement, or a place in the scratch file.</summary>
internal readonly record struct Located<TKey, TState>(byte[] Bytes, KeyedStates<TKey, TState> Table, long Place)
    where TKey : notnull;
