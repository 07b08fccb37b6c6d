using System.Runtime.CompilerServices;

namespace Kappa.Streams.Runtime;

/// <content>
/// Which keys changed since rows were last written. A few are noted, so that writing rows costs what changed; many
/// are not, as a walk over all slots is then quicker than to look for each.
/// </content>
internal sealed partial class KeyedStates<TKey, TState>
{
    private const int NotedMin = 64;

    private readonly List<TKey> _noted = [];
    private bool _isMany;

    /// <summary>How many slots <see cref="Candidate"/> gives: those that may have changed.</summary>
    public int Candidates => _isMany ? _slots.Length : _noted.Count;

    /// <summary>
    /// A slot that may have changed, or a free one; each that did is among them. Ask it by <see cref="TakeChange"/>.
    /// </summary>
    public ref Slot Candidate(int number)
    {
        if (_isMany)
        {
            return ref _slots[number];
        }

        var key = _noted[number];
        return ref Find(KeyTag.Of(key), key);
    }

    /// <summary>All candidates were asked.</summary>
    public void ForgetChanges()
    {
        _noted.Clear();
        _isMany = !_owner.HasRows;
        _owner.Changing.Remove(this);
    }

    /// <summary>Notes a key about to be marked as changed, unless it is already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void NoteChange(ref Slot slot, TKey key)
    {
        if ((slot.Tag & Changed) == 0)
        {
            Note(key);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Note(TKey key)
    {
        if (_isMany)
        {
            return;
        }

        if (_noted.Count == 0)
        {
            _owner.Changing.Add(this);
        }

        if (_noted.Count >= Math.Max(NotedMin, _slots.Length >> 3))
        {
            _noted.Clear();
            _isMany = true;
            return;
        }

        _noted.Add(key);
    }
}
