namespace Kappa.Streams.Runtime;

/// <summary>What a process keeps for one key: its state and the timers set.</summary>
internal sealed class OperatorEntry<TState>(TState state)
{
    private TimerSet _timers;
    private TimerSet _logTimers;

    public TState State { get; set; } = state;

    public long NextNumber { get; set; }

    public bool HasNoTimers => _timers.Count == 0 && _logTimers.Count == 0;

    public static OperatorEntry<TState> Load(StateReader from)
    {
        var entry = new OperatorEntry<TState>(StateCodec<TState>.Read(from)) { NextNumber = from.ReadInt64() };
        Load(from, ref entry._timers);
        Load(from, ref entry._logTimers);
        return entry;
    }

    /// <summary>Its timers of event time, or of log time.</summary>
    public ref TimerSet Timers(bool isLog) => ref isLog ? ref _logTimers : ref _timers;

    public void Save(StateWriter into)
    {
        StateCodec<TState>.Write(into, State);
        into.Write(NextNumber);
        Save(into, _timers);
        Save(into, _logTimers);
    }

    private static void Save(StateWriter into, in TimerSet timers)
    {
        into.Write(timers.Count);
        if (timers.Count == 0)
        {
            return;
        }

        foreach (var (time, number) in timers.ToArray())
        {
            into.Write(time);
            into.Write(number);
        }
    }

    private static void Load(StateReader from, ref TimerSet timers)
    {
        for (var left = from.ReadInt32(); left > 0; left--)
        {
            timers.TryAdd(from.ReadInt64(), from.ReadInt64());
        }
    }
}
