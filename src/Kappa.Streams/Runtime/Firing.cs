namespace Kappa.Streams.Runtime;

/// <summary>When a timer fires, exactly enough to put it in order (rule T7).</summary>
/// <param name="Place">The place that made it due.</param>
/// <param name="Phase">Its turn at the place, see <see cref="Moment"/>.</param>
/// <param name="Scale">Where on the scale of the origins' watermarks it falls due; the log time asked for, for a timer
/// of log time.</param>
/// <param name="Due">The value of the stream's own watermark at which it falls due.</param>
/// <param name="Watermark">The stream's watermark before it: a tick below, so that nothing is late because of the
/// watermark that caused it (rule T6).</param>
internal readonly record struct Firing(int Place, int Phase, long Scale, long Due, long Watermark)
{
    /// <summary>Does it come before an input? Of two at one value the stage further up comes first.</summary>
    public bool IsBefore(in Moment input) =>
        Place != input.Place ? Place < input.Place
        : Phase != input.Phase ? Phase < input.Phase
        : Scale < input.Due;
}
