namespace Kappa.Streams.Runtime;

/// <summary>
/// One worker's share of a segment: the operators between a source or exchange and the next exchanges or tables.
/// </summary>
internal sealed class SegmentInstance(JobMachine machine, int worker)
{
    private readonly List<IStage> _stages = [];
    private SideRows? _side;

    public JobMachine Machine { get; } = machine;

    public int Worker { get; } = worker;

    public SegmentClock Clock { get; } = new();

    public SideRows Side => _side ??= new SideRows(this);

    /// <summary>The key handled now; none in front of the first exchange.</summary>
    public KeyCell? Keys { get; init; }

    public IReadOnlyList<IStage> Stages => _stages;

    /// <summary>
    /// The source was completed at a place of this step, or before; then timers a stage sets in its own timers fire no
    /// more (rule L6).
    /// </summary>
    public long CompletedAt { get; set; } = long.MaxValue;

    /// <summary>Its streams' watermark.</summary>
    public required WatermarkTrack Track { get; init; }

    /// <summary>
    /// How far the watermark of what comes in here stays behind its source's (rule T6). Places, due values and the
    /// order of timers are in the source's watermark, so that those of all stages compare; lateness is judged by the
    /// held one.
    /// </summary>
    public long HoldTicks { get; init; }

    public bool IsEnding => Clock.PlaceNumber >= CompletedAt;

    /// <summary>The watermark of what comes in here, at a value of its source's.</summary>
    public long Held(long watermark) =>
        watermark == SegmentClock.NoWatermark ? watermark : watermark - HoldTicks;

    public bool Owns<TKey>(TKey key)
        where TKey : notnull => Machine.ShardOf(key) == Worker;

    /// <summary>Stages come in order of their number: upstream first.</summary>
    public void Add(IStage stage)
    {
        _stages.Add(stage);
        _stages.Sort((left, right) => left.Number.CompareTo(right.Number));
    }

    /// <summary>Fires the timers that come before a record at a place: those of earlier places.</summary>
    public void FireBeforeRecord(int place)
    {
        var limit = Track.Before(place);
        while (Next() is { } stage && stage.NextDue <= limit && stage.NextSetAt < Clock.PlacesBefore + place)
        {
            Fire(stage);
        }
    }

    /// <summary>Fires the timers that come before an input which an upstream timer caused at a place.</summary>
    public void FireBeforeDue(int place, long due)
    {
        var limit = Track.Before(place);
        while (Next() is { } stage
            && (stage.NextDue < due || (stage.NextDue <= limit && stage.NextSetAt < Clock.PlacesBefore + place)))
        {
            Fire(stage);
        }
    }

    /// <summary>Fires everything due by the end of the step.</summary>
    public void FireAll()
    {
        while (Next() is { } stage && stage.NextDue <= Track.Current)
        {
            Fire(stage);
        }
    }

    private IStage? Next()
    {
        IStage? next = null;
        foreach (var stage in _stages)
        {
            // Strictly less: of two due at one value the stage further up comes first.
            if (stage.NextDue < (next?.NextDue ?? long.MaxValue))
            {
                next = stage;
            }
        }

        return next;
    }

    private void Fire(IStage stage)
    {
        var reached = Track.PlaceOf(stage.NextDue);
        var place = Math.Max(reached, (int)Math.Max(0, stage.NextSetAt - Clock.PlacesBefore));
        stage.Fire(place, Track.Before(place));
    }
}
