namespace Kappa.Streams.Runtime;

/// <summary>
/// The watermark of a stream whose values were given another time (rules T1 and T3). It rises behind everything its
/// place caused: values of one place, whichever timers sent them, are judged by the watermark before that place.
/// </summary>
internal sealed class RetimedTrack(WatermarkTrack upstream, TimeSpan lateness) : OriginTrack(upstream.Level + 1)
{
    private readonly List<List<(int Place, long Value)>> _seen = [];
    private bool _isSettled;

    /// <summary>A list for what one worker's segment sends.</summary>
    public List<(int Place, long Value)> NewList()
    {
        _seen.Add([]);
        return _seen[^1];
    }

    public override void BeginStep()
    {
        base.BeginStep();
        _isSettled = false;
    }

    public override void Settle()
    {
        if (_isSettled)
        {
            return;
        }

        _isSettled = true;
        upstream.Settle();
        if (lateness != Lateness.Unbounded)
        {
            foreach (var (place, value) in _seen.SelectMany(list => list).OrderBy(seen => seen.Place))
            {
                RaiseTo(place, value - lateness.Ticks);
            }

            if (upstream.Current == Infinite && Current != Infinite)
            {
                RaiseTo(Math.Max(0, upstream.PlaceOf(Infinite)), Infinite);
            }
        }

        foreach (var list in _seen)
        {
            list.Clear();
        }
    }
}
