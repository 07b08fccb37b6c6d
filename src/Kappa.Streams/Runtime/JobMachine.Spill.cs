namespace Kappa.Streams.Runtime;

/// <content>State beyond its bound goes to scratch files; no result depends on it (rule T8).</content>
internal sealed partial class JobMachine
{
    private const int LoadedBetween = 1024;
    private const long SmallShare = 1 << 20;

    private long _loaded;

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

    private IEnumerable<IStage> Stages => _exchanges.Values
        .SelectMany(exchange => exchange.Instances).SelectMany(instance => instance.Stages);

    /// <summary>A key was loaded: now and then, what is too much is spilled on the way.</summary>
    public void Loaded()
    {
        if (Spill is not null && (++_loaded % LoadedBetween == 0 || Spill.Share() < SmallShare))
        {
            Bound();
        }
    }

    /// <summary>Keeps the states in memory within the bound.</summary>
    private void Bound()
    {
        if (Spill is null)
        {
            return;
        }

        long warm = 0;
        foreach (var stage in Stages)
        {
            stage.States.Measure();
            warm += stage.States.WarmBytes;
        }

        var share = Spill.Share();
        IsCollectDue = false;
        if (warm > share)
        {
            // A quarter less, so that it is not to be done again at once; each stage gives way by its part.
            var part = share / 4 * 3 / (double)warm;
            ForEachWorker(worker =>
            {
                foreach (var exchange in _exchanges.Values)
                {
                    foreach (var stage in exchange.Instances[worker].Stages)
                    {
                        stage.States.Shrink((long)(stage.States.WarmBytes * part));
                    }
                }
            });
            warm = Stages.Sum(stage => stage.States.WarmBytes);
            IsCollectDue = warm > share;
        }

        StateBytes = warm + Stages.Sum(stage => stage.States.IndexBytes);
        SpilledBytes = Spill.LiveBytes;
    }
}
