namespace Kappa.Streams.Runtime;

/// <content>State beyond its bound goes to scratch files; no result depends on it (rule T8).</content>
internal sealed partial class JobMachine
{
    private const long LoadedMin = 64 << 10;

    private long _loaded;
    private IStageStates[][]? _states;

    /// <summary>Where state beyond its bound goes; null: there is no bound.</summary>
    public SpillSpace? Spill { get; }

    /// <summary>
    /// Do changed states alone take more than the bound? They can be spilled once their rows were collected.
    /// </summary>
    public bool IsCollectDue { get; private set; }

    /// <summary>About what the states in memory take, in bytes; 0 where there is no bound.</summary>
    public long StateBytes { get; private set; }

    /// <summary>Bytes of states in scratch files.</summary>
    public long SpilledBytes { get; private set; }

    /// <summary>The states of each worker's stages.</summary>
    private IStageStates[][] States => _states ??=
        [.. Enumerable.Range(0, Workers).Select(worker => _exchanges.Values
            .SelectMany(exchange => exchange.Instances[worker].Stages)
            .Select(stage => stage.States).ToArray())];

    /// <summary>
    /// A key of so many bytes was loaded: what is too much is spilled on the way, whenever a quarter of the bound came.
    /// </summary>
    public void Loaded(long bytes)
    {
        if (Spill is not null && (_loaded += bytes) >= Math.Max(LoadedMin, Spill.Share() / 4))
        {
            _loaded = 0;
            Bound(records: 1);
        }
    }

    /// <summary>Keeps the states in memory within the bound.</summary>
    /// <param name="records">How many records came since the last time.</param>
    private void Bound(int records)
    {
        if (Spill is null)
        {
            return;
        }

        var (states, share) = (States, Spill.Share());
        foreach (var worker in states)
        {
            foreach (var stage in worker)
            {
                stage.Measure(records);
            }
        }

        var (warm, index) = Bytes(states);
        IsCollectDue = false;
        if (warm > share)
        {
            // A quarter less, so that it is not to be done again at once; each stage gives way by its part.
            var part = share / 4 * 3 / (double)warm;
            ForEachWorker(worker =>
            {
                foreach (var stage in states[worker])
                {
                    stage.Shrink((long)(stage.WarmBytes * part));
                }
            });
            (warm, index) = Bytes(states);
            IsCollectDue = warm > share;
        }

        StateBytes = warm + index;
        SpilledBytes = Spill.LiveBytes;
    }

    /// <summary>Rows were collected: states that waited for it may be spilled.</summary>
    private void BoundCollected()
    {
        if (Spill is null)
        {
            return;
        }

        foreach (var worker in States)
        {
            foreach (var stage in worker)
            {
                stage.Collected();
            }
        }

        if (IsCollectDue)
        {
            Bound(records: 0);
        }
    }

    private static (long Warm, long Index) Bytes(IStageStates[][] states)
    {
        long warm = 0, index = 0;
        foreach (var worker in states)
        {
            foreach (var stage in worker)
            {
                warm += stage.WarmBytes;
                index += stage.IndexBytes;
            }
        }

        return (warm, index);
    }
}
