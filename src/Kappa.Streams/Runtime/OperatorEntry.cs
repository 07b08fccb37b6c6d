namespace Kappa.Streams.Runtime;

/// <summary>What a process keeps for one key: its state and the timers set, by time, with the number of each.</summary>
internal sealed class OperatorEntry<TState>(TState state)
{
    public TState State { get; set; } = state;

    public long NextNumber { get; set; }

    public Dictionary<long, long>? Timers { get; set; }

    public Dictionary<long, long>? LogTimers { get; set; }

    public bool HasNoTimers => Timers is null or { Count: 0 } && LogTimers is null or { Count: 0 };

    public static OperatorEntry<TState> Load(StateReader from) =>
        new(StateCodec<TState>.Read(from)) {
            NextNumber = from.ReadInt64(), Timers = LoadTimers(from), LogTimers = LoadTimers(from),
        };

    public void Save(StateWriter into)
    {
        StateCodec<TState>.Write(into, State);
        into.Write(NextNumber);
        SaveTimers(into, Timers);
        SaveTimers(into, LogTimers);
    }

    private static void SaveTimers(StateWriter into, Dictionary<long, long>? timers)
    {
        into.Write(timers?.Count ?? 0);
        foreach (var (time, number) in timers ?? [])
        {
            into.Write(time);
            into.Write(number);
        }
    }

    private static Dictionary<long, long>? LoadTimers(StateReader from)
    {
        Dictionary<long, long>? timers = null;
        for (var left = from.ReadInt32(); left > 0; left--)
        {
            (timers ??= []).Add(from.ReadInt64(), from.ReadInt64());
        }

        return timers;
    }
}
