namespace Kappa.Streams.Runtime;

/// <summary>
/// One worker's share of a segment: the operators between a source or exchange and the next exchanges or tables.
/// </summary>
internal sealed class SegmentInstance(JobMachine machine, int worker, KeyCell? keys = null)
{
    private readonly List<IStage> _stages = [];
    private SideRows? _side;
    private (IStage? Stage, long Due, long SetAt, long PlacesBefore) _asked;
    private Firing _firing;

    public JobMachine Machine { get; } = machine;

    public int Worker { get; } = worker;

    public SegmentClock Clock { get; } = new(keys);

    public SideRows Side => _side ??= new SideRows(this);

    /// <summary>The key handled now; none in front of the first exchange.</summary>
    public KeyCell? Keys { get; } = keys;

    public IReadOnlyList<IStage> Stages => _stages;

    /// <summary>The watermark of what comes in here.</summary>
    public required WatermarkTrack Track { get; init; }

    /// <summary>
    /// The way on which what is built now lies, where merges make several: it goes into moments (rule T8).
    /// </summary>
    public long Way { get; set; }

    /// <summary>
    /// Everything this flows from was completed by here: timers a stage sets in its own timers fire no more (rule L6).
    /// </summary>
    public bool IsEnding => Track.Before(Clock.Place + 1) == WatermarkTrack.Infinite;

    public bool Owns<TKey>(TKey key)
        where TKey : notnull => Machine.ShardOf(key) == Worker;

    /// <summary>Stages come in order of their number: upstream first.</summary>
    public void Add(IStage stage)
    {
        _stages.Add(stage);
        _stages.Sort((left, right) => left.Number.CompareTo(right.Number));
    }

    /// <summary>Fires the timers that come before an input.</summary>
    public void FireBefore(in Moment input)
    {
        while (Next() is var (stage, firing) && firing.IsBefore(input))
        {
            Fire(stage, firing);
        }
    }

    /// <summary>Fires everything due by the end of the step.</summary>
    public void FireAll()
    {
        while (Next() is var (stage, firing))
        {
            Fire(stage, firing);
        }
    }

    private static void Fire(IStage stage, in Firing firing)
    {
        if (firing.Phase == Moment.LogTimer)
        {
            stage.FireLog(firing);
        }
        else
        {
            stage.Fire(firing);
        }
    }

    /// <summary>The timer that comes first of all that fall due in this step.</summary>
    private (IStage Stage, Firing Firing)? Next()
    {
        IStage? first = null, firstLog = null;
        foreach (var stage in _stages)
        {
            // Strictly less: of two due at one value the stage further up comes first.
            if (stage.NextDue < (first?.NextDue ?? long.MaxValue))
            {
                first = stage;
            }

            if (stage.NextLogDue < (firstLog?.NextLogDue ?? long.MaxValue))
            {
                firstLog = stage;
            }
        }

        (IStage Stage, Firing Firing)? next = first is not null && first.NextDue <= Track.Current
            ? (first, FiringOf(first))
            : null;
        return firstLog is not null && LogFiringOf(firstLog) is { } log
            && (next is not var (_, firing) || log.Place <= firing.Place)
            ? (firstLog, log)
            : next;
    }

    private Firing FiringOf(IStage stage)
    {
        // Every input asks for the timer that comes next, and mostly it is the same one.
        var due = stage.NextDue;
        var asked = (stage, due, stage.NextSetAt, Clock.PlacesBefore);
        if (asked == _asked)
        {
            return _firing;
        }

        var place = Math.Max(Track.PlaceOf(due), (int)Math.Max(0, stage.NextSetAt - Clock.PlacesBefore));
        _asked = asked;
        _firing = new Firing(
            place, Moment.Timer + Track.Level, Track.ScaleOf(due, place), due, Math.Max(due - 1, Track.Before(place)));
        return _firing;
    }

    /// <summary>A timer of log time fires at the first place with that log time behind the one that set it.</summary>
    private Firing? LogFiringOf(IStage stage)
    {
        var place = Math.Max(
            Machine.Places.FirstPlaceOf(stage.NextLogDue),
                (int)Math.Max(0, stage.NextLogSetAt + 1 - Clock.PlacesBefore));
        if (place >= Machine.Places.Count)
        {
            return null;
        }

        var watermark = Track.Before(place);
        return new Firing(place, Moment.LogTimer, stage.NextLogDue, watermark, watermark);
    }
}
