namespace Kappa.Streams.Runtime;

/// <summary>
/// A stream's watermark over the places of a step (rule T1). Where a place makes it leap, everything happens as if it
/// rose tick by tick along one scale, the watermark of its origins (rule T7).
/// </summary>
internal abstract class WatermarkTrack
{
    /// <summary>No watermark yet: nothing is late, no timer is due.</summary>
    public const long None = long.MinValue;

    /// <summary>The sources were completed: every window closes (rule L6).</summary>
    public const long Infinite = long.MaxValue;

    /// <summary>How many times the stream was re-timed.</summary>
    public abstract int Level { get; }

    /// <summary>The value behind the last place so far.</summary>
    public abstract long Current { get; }

    /// <summary>The value before a place.</summary>
    public abstract long Before(int place);

    /// <summary>
    /// The first place behind which the watermark is at or above a value, which it is by now; −1 where it was before
    /// the step.
    /// </summary>
    public abstract int PlaceOf(long value);

    /// <summary>Where on the scale a value is reached at a place.</summary>
    public abstract long ScaleOf(long value, int place);

    /// <summary>The value at a place while its origins stand at a value of the scale.</summary>
    public abstract long At(int place, long scale);

    /// <summary>Moves by all that was seen in this step; called once everything above has run.</summary>
    public abstract void Settle();

    /// <summary>A value less a hold; none and infinite stay what they are.</summary>
    protected static long Less(long value, long hold) => value is None or Infinite ? value : value - hold;

    /// <summary>The value which less a hold is this one.</summary>
    protected static long More(long value, long hold) => value > Infinite - hold ? Infinite : value + hold;
}
