namespace Kappa.Streams.Runtime;

/// <summary>The lowest of several watermarks, each less a hold (rules T1 and T6).</summary>
internal sealed class LowestTrack(IReadOnlyList<(OriginTrack Track, long Hold)> origins, int level) : WatermarkTrack
{
    public override int Level => level;

    public override long Current
    {
        get
        {
            var lowest = Infinite;
            foreach (var (track, hold) in origins)
            {
                lowest = Math.Min(lowest, Less(track.Current, hold));
            }

            return lowest;
        }
    }

    public override long Before(int place)
    {
        var lowest = Infinite;
        foreach (var (track, hold) in origins)
        {
            lowest = Math.Min(lowest, Less(track.Before(place), hold));
        }

        return lowest;
    }

    public override int PlaceOf(long value)
    {
        var place = -1;
        foreach (var (track, hold) in origins)
        {
            place = Math.Max(place, track.PlaceOf(More(value, hold)));
        }

        return place;
    }

    public override long ScaleOf(long value, int place)
    {
        // Of the origins that reach the value at this very place, the one that needs most decides.
        long? scale = null;
        foreach (var (track, hold) in origins)
        {
            var needed = More(value, hold);
            if (track.Before(place) < needed && needed > (scale ?? None))
            {
                scale = needed;
            }
        }

        return scale ?? value;
    }

    public override long At(int place, long scale)
    {
        var lowest = Infinite;
        foreach (var (track, hold) in origins)
        {
            lowest = Math.Min(lowest, Less(track.At(place, scale), hold));
        }

        return lowest;
    }

    public override void Settle()
    {
        foreach (var (track, _) in origins)
        {
            track.Settle();
        }
    }
}
