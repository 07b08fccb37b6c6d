namespace Kappa.Streams.Runtime.Fused;

/// <summary>
/// The two windows that events fell into last, each with its states: around the end of a window they take turns.
/// </summary>
internal sealed class DirectPanes<TKey, TState>(
    WindowCut cut, long closesAfter, Func<int, WindowBounds, KeyedStates<TKey, TState>> statesOf, int shards)
    where TKey : notnull
{
    private readonly List<WindowBounds> _windows = [];
    private Pane _current;
    private Pane _other;
    private long _before;
    private long _limit;

    /// <summary>
    /// The states of the window that events fall into now, of the first shard; null where none is open.
    /// </summary>
    public KeyedStates<TKey, TState>? Table => _current.Table;

    /// <summary>The same of the last shard: of one or two.</summary>
    public KeyedStates<TKey, TState>? LastTable => _current.LastTable;

    /// <summary>Are its tables so large that their slots are better fetched ahead?</summary>
    public bool IsLarge => _current.Table is { IsLarge: true } || _current.LastTable is { IsLarge: true };

    /// <summary>The lowest event time that falls into it.</summary>
    public long Low { get; private set; }

    /// <summary>How far behind that the first event time is that does not, or may move too much.</summary>
    public ulong Length { get; private set; }

    /// <summary>Starts on some events.</summary>
    /// <param name="before">The watermark before them: it closes windows.</param>
    /// <param name="limit">The first event time that may move the watermark past the end of a window.</param>
    public void Begin(long before, long limit)
    {
        (_before, _limit) = (before, limit);
        if (!IsOpen(_other))
        {
            _other = default;
        }

        if (!IsOpen(_current))
        {
            (_current, _other) = (_other, default);
        }

        Measure();
    }

    /// <summary>Makes room for so many more keys in either.</summary>
    public void Reserve(int keys)
    {
        _current.Reserve(keys);
        _other.Reserve(keys);
    }

    /// <summary>May an event of this time be gone through at all?</summary>
    public bool Allow(long time) => time >= EventTimes.Earliest && time < _limit;

    /// <summary>Turns to the window of a time; false where that is closed.</summary>
    public bool Turn(long time)
    {
        (_current, _other) = (_other, _current);
        if (time < _current.Span.Start || time >= _current.Span.End)
        {
            _windows.Clear();
            cut.Assign(time, _windows);
            if (_windows is not [var window] || window.End + closesAfter <= _before)
            {
                (_current, _other) = (_other, _current);
                return false;
            }

            _current = new(statesOf(0, window), statesOf(shards - 1, window), cut.Pane(time), window);
            _current.Reserve(FusedRoom.Keys);
        }

        Measure();
        return true;
    }

    private bool IsOpen(in Pane pane) => pane.Table is not null && pane.Window.End + closesAfter > _before;

    private void Measure()
    {
        Low = Math.Max(_current.Span.Start, EventTimes.Earliest);
        Length = (ulong)Math.Max(0, Math.Min(_current.Span.End, _limit) - Low);
    }

    private readonly record struct Pane(
        KeyedStates<TKey, TState>? Table, KeyedStates<TKey, TState>? LastTable, WindowBounds Span, WindowBounds Window)
    {
        public void Reserve(int keys)
        {
            Table?.Reserve(keys);
            LastTable?.Reserve(keys);
        }
    }
}
