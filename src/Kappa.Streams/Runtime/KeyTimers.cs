using System.Runtime.InteropServices;

namespace Kappa.Streams.Runtime;

/// <summary>A timer of a key.</summary>
/// <param name="Key">The key.</param>
/// <param name="Due">Value at which it falls due: of the stream's watermark, or of log time.</param>
/// <param name="Number">Order of setting within the key.</param>
/// <param name="Time">The time asked for, in ticks.</param>
/// <param name="SetAt">The place of the run at which it was set.</param>
internal readonly record struct KeyTimer<TKey>(TKey Key, long Due, long Number, long Time, long SetAt)
    where TKey : notnull;

/// <summary>
/// A stage's timers of one shard, in the order of rule T7: due value, key bytes, number. They lie in spans of time
/// unsorted until their span comes first: so setting one is an append, and sorting happens in the cache. One taken back
/// stays until it comes first.
/// </summary>
/// <param name="isSet">Is a timer still set? Asked when it comes first; may add others behind it.</param>
internal sealed class KeyTimers<TKey>(Func<KeyTimer<TKey>, bool> isSet)
    where TKey : notnull
{
    /// <summary>Ticks of a span are two to this: 6.5 ms.</summary>
    private const int SpanBits = 16;
    private const int KeptMax = 1 << 14;

    private readonly Dictionary<long, List<KeyTimer<TKey>>> _later = [];
    private readonly PriorityQueue<long, long> _spans = new();
    private readonly Stack<List<KeyTimer<TKey>>> _free = [];
    // Set for the span that is open already, or before it.
    private readonly PriorityQueue<KeyTimer<TKey>, KeyTimer<TKey>> _soon = new(TimerComparer<TKey>.Instance);
    private List<KeyTimer<TKey>> _open = [];
    private long[] _dues = [];
    private int[] _order = [];
    private int _at;
    private long _openSpan = long.MinValue;
    private bool _isSoonFirst;
    private KeyTimer<TKey> _soonFirst;
    private bool _isKnown;
    private long _due;

    /// <summary>How many there are, those taken back among them.</summary>
    public int Count { get; private set; }

    /// <summary>The value at which the first one falls due; <see cref="long.MaxValue"/> for none.</summary>
    public long NextDue
    {
        get
        {
            if (!_isKnown)
            {
                Find();
            }

            return _due;
        }
    }

    /// <summary>As far as it is known; 0 where it has to be found anew.</summary>
    public long KnownDue => _isKnown ? _due : 0;

    /// <summary>The first timer; only where <see cref="NextDue"/> names one.</summary>
    public ref readonly KeyTimer<TKey> First
    {
        get
        {
            if (_isSoonFirst)
            {
                _soonFirst = _soon.Peek();
                return ref _soonFirst;
            }

            return ref CollectionsMarshal.AsSpan(_open)[_order[_at]];
        }
    }

    /// <summary>Sets a timer.</summary>
    public void Add(in KeyTimer<TKey> timer)
    {
        Count++;
        _isKnown &= timer.Due > _due;
        var span = timer.Due >> SpanBits;
        if (span <= _openSpan)
        {
            _soon.Enqueue(timer, timer);
            return;
        }

        ref var list = ref CollectionsMarshal.GetValueRefOrAddDefault(_later, span, out var isThere);
        if (!isThere)
        {
            list = _free.TryPop(out var free) ? free : [];
            _spans.Enqueue(span, span);
        }

        list!.Add(timer);
    }

    /// <summary>Takes the first timer away.</summary>
    public KeyTimer<TKey> Take()
    {
        if (NextDue == long.MaxValue)
        {
            throw new InvalidOperationException("No timer is set.");
        }

        var first = First;
        Drop();
        return first;
    }

    /// <summary>The first one may have been taken back.</summary>
    public void Recheck() => _isKnown = false;

    private void Drop()
    {
        Count--;
        _isKnown = false;
        if (_isSoonFirst)
        {
            _soon.Dequeue();
        }
        else
        {
            _at++;
        }
    }

    private void Find()
    {
        while (true)
        {
            if (_at == _open.Count && _soon.Count == 0 && !TryOpen())
            {
                (_due, _isKnown) = (long.MaxValue, true);
                return;
            }

            _isSoonFirst = _at == _open.Count
                || (_soon.Count > 0
                    && TimerComparer<TKey>.Instance.Compare(_soon.Peek(), _open[_order[_at]]) < 0);
            var first = First;
            if (isSet(first))
            {
                (_due, _isKnown) = (first.Due, true);
                return;
            }

            Drop();
        }
    }

    private bool TryOpen()
    {
        if (!_spans.TryDequeue(out var span, out _))
        {
            return false;
        }

        _open.Clear();
        if (_open.Capacity <= KeptMax)
        {
            _free.Push(_open);
        }

        _later.Remove(span, out var next);
        (_open, _openSpan, _at) = (next!, span, 0);
        Sort();
        return true;
    }

    private void Sort()
    {
        if (_dues.Length < _open.Count)
        {
            _dues = new long[_open.Count * 2];
            _order = new int[_open.Count * 2];
        }

        for (var i = 0; i < _open.Count; i++)
        {
            _dues[i] = _open[i].Due;
            _order[i] = i;
        }

        Array.Sort(_dues, _order, 0, _open.Count);
        for (int i = 0, end; i < _open.Count; i = end)
        {
            for (end = i + 1; end < _open.Count && _dues[end] == _dues[i]; end++)
            {
            }

            if (end - i > 1)
            {
                SortEqual(i, end - i);
            }
        }
    }

    /// <summary>Those due at one value, by key bytes, which are made once for each, and number.</summary>
    private void SortEqual(int from, int count)
    {
        var equal = new (byte[]? Key, int At)[count];
        for (var i = 0; i < count; i++)
        {
            var at = _order[from + i];
            equal[i] = (KeyOrder<TKey>.IsDirect ? null : Columns<TKey>.KeyBytes(_open[at].Key), at);
        }

        Array.Sort(equal, (left, right) =>
        {
            var order = left.Key is null
                ? KeyOrder<TKey>.Compare(_open[left.At].Key, _open[right.At].Key)
                : Moment.Compare(left.Key, right.Key);
            return order != 0 ? order : _open[left.At].Number.CompareTo(_open[right.At].Number);
        });
        for (var i = 0; i < count; i++)
        {
            _order[from + i] = equal[i].At;
        }
    }
}

/// <summary>The order of rule T7.</summary>
internal sealed class TimerComparer<TKey> : IComparer<KeyTimer<TKey>>
    where TKey : notnull
{
    public static readonly TimerComparer<TKey> Instance = new();

    public int Compare(KeyTimer<TKey> left, KeyTimer<TKey> right)
    {
        var order = left.Due.CompareTo(right.Due);
        order = order != 0 ? order : KeyOrder<TKey>.Compare(left.Key, right.Key);
        return order != 0 ? order : left.Number.CompareTo(right.Number);
    }
}
