namespace Kappa.Streams.Runtime;

/// <summary>What moves a source's watermark beside its events.</summary>
/// <param name="Lateness">Ticks it stays behind the highest event time (rule T1).</param>
/// <param name="QuietAfter">
/// Ticks of log time without a record after which it follows the log time; null: it waits (rule T2).
/// </param>
/// <param name="Settle">Ticks of log time it stays after the log opened (rule T2).</param>
internal readonly record struct SourceTiming(long Lateness, long? QuietAfter, long Settle);

/// <summary>
/// A source's watermark: the running maximum of min(event time, log time), less the lateness (rule T1); what happens
/// while it is quiet or settles is rule T2.
/// </summary>
internal sealed class SourceTrack(string topic, SourceTiming timing) : OriginTrack(0)
{
    private readonly List<List<(int Place, long EventTime, long LogTime)>> _seen = [];
    private long _highest = None;
    private long _activeAt = long.MinValue;
    private long _settledAt = long.MinValue;

    /// <summary>Does log time move it, too?</summary>
    public bool FollowsLog => timing.QuietAfter is not null || timing.Settle > 0;

    /// <summary>
    /// A list for the events one worker accepts. Workers take consecutive shares of a step, so the lists follow each
    /// other in order of place.
    /// </summary>
    public List<(int Place, long EventTime, long LogTime)> NewList()
    {
        _seen.Add([]);
        return _seen[^1];
    }

    /// <summary>An accepted event at a place.</summary>
    public void Observe(int place, long eventTime, long logTime) =>
        RaiseTo(place, Math.Min(eventTime, logTime) - timing.Lateness);

    /// <summary>Raises it to a value behind a place.</summary>
    public void Raise(int place, long value) => RaiseTo(place, value);

    /// <summary>Moves by the events seen so far, in the middle of a step; not where log time moves it too.</summary>
    public void MoveByEvents()
    {
        foreach (var list in _seen)
        {
            foreach (var (place, eventTime, logTime) in list)
            {
                Observe(place, eventTime, logTime);
            }

            list.Clear();
        }
    }

    /// <summary>Moves by the events seen in this step and by its clock records.</summary>
    public void Move(IReadOnlyList<PlacedBatch> step, IReadOnlyList<PlacedClock> clock)
    {
        if (FollowsLog)
        {
            Follow(step, clock, _seen.SelectMany(list => list));
        }
        else
        {
            MoveByEvents();
            for (var i = 0; i < clock.Count; i++)
            {
                if (clock[i].Completes(topic))
                {
                    RaiseTo(clock[i].Place, Infinite);
                }
            }
        }

        foreach (var list in _seen)
        {
            list.Clear();
        }
    }

    /// <summary>
    /// The log time from which on the watermark would rise to a value, or begin to move again, though nothing is
    /// appended to the topic; null where no log time does that.
    /// </summary>
    public long? LogTimeOf(long value)
    {
        if (Current == Infinite)
        {
            return null;
        }

        long? settles = _highest > Current ? _settledAt : null;
        if (timing.QuietAfter is not { } quiet || value is None or Infinite || _activeAt == long.MinValue)
        {
            return settles;
        }

        var reached = Math.Max(Math.Max(_activeAt + quiet, value + timing.Lateness), _settledAt);
        return settles is { } earlier ? Math.Min(earlier, reached) : reached;
    }

    public override void Settle()
    {
    }

    public override void Save(StateWriter into)
    {
        base.Save(into);
        into.Write(_highest);
        into.Write(_activeAt);
        into.Write(_settledAt);
    }

    public override void Load(StateReader from)
    {
        base.Load(from);
        _highest = from.ReadInt64();
        _activeAt = from.ReadInt64();
        _settledAt = from.ReadInt64();
    }

    private void Follow(
        IReadOnlyList<PlacedBatch> step, IReadOnlyList<PlacedClock> clock,
        IEnumerable<(int Place, long EventTime, long LogTime)> events)
    {
        using var next = events.GetEnumerator();
        var hasNext = next.MoveNext();
        var clockAt = 0;
        foreach (var (batch, first) in step)
        {
            var end = first + batch.Count;
            if (batch.Topic == topic)
            {
                _activeAt = batch.LogTime;
            }

            if (batch.LogTime >= _settledAt)
            {
                RaiseTo(first, _highest);
            }

            for (; hasNext && next.Current.Place < end; hasNext = next.MoveNext())
            {
                var (place, eventTime, logTime) = next.Current;
                _highest = Math.Max(_highest, Math.Min(eventTime, logTime) - timing.Lateness);
                RaiseBy(place, batch.LogTime);
            }

            for (; clockAt < clock.Count && clock[clockAt].Place < end; clockAt++)
            {
                if (clock[clockAt].Opens)
                {
                    _activeAt = batch.LogTime;
                    _settledAt = batch.LogTime + timing.Settle;
                }
                else if (clock[clockAt].Completes(topic))
                {
                    RaiseTo(clock[clockAt].Place, Infinite);
                }
            }

            if (timing.QuietAfter is { } quiet && _activeAt != long.MinValue && batch.LogTime - _activeAt >= quiet)
            {
                _highest = Math.Max(_highest, batch.LogTime - timing.Lateness);
                RaiseBy(first, batch.LogTime);
            }
        }
    }

    private void RaiseBy(int place, long logTime)
    {
        if (logTime >= _settledAt)
        {
            RaiseTo(place, _highest);
        }
    }
}
