namespace Kappa.Streams.Runtime;

/// <summary>
/// When something happens inside a step, so exactly that any two things of a step can be put in order (rules T7 and
/// T8): the place; at it the timers of log time, the record, then the timers of event time; timers by the value at
/// which they fall due, stage, key bytes and number; then the side it comes in by, and what one causes in the order
/// caused.
/// </summary>
/// <param name="Place">Index of the place in the step.</param>
/// <param name="Phase">Its turn at the place: <see cref="LogTimer"/>, <see cref="Record"/>, or <see cref="Timer"/> and
/// above, one for each time the stream was re-timed.</param>
/// <param name="Input">Order of the input that caused this among all inputs of its exchange.</param>
/// <param name="Emission">Order of emission by that input.</param>
/// <param name="Side">Which way it came, where several ways lead to one place.</param>
/// <param name="Cause">The timer that caused it; null for a record.</param>
internal readonly record struct Moment(
    int Place, int Phase, int Input, int Emission, long Side, TimerCause? Cause) : IComparable<Moment>
{
    /// <summary>The phase of log-time timers: before the record.</summary>
    public const int LogTimer = 0;

    /// <summary>The phase of the record.</summary>
    public const int Record = 1;

    /// <summary>The phase of event-time timers; those of streams re-timed n times come n phases later.</summary>
    public const int Timer = 2;

    /// <summary>Where on the scale the causing timer falls due; 0 for a record.</summary>
    public long Due => Cause?.Due ?? 0;

    /// <summary>The moment of the record at a place of the step.</summary>
    public static Moment OfRecord(int place) => new(place, Record, 0, 0, 0, null);

    public int CompareTo(Moment other)
    {
        var order = Place.CompareTo(other.Place);
        order = order != 0 ? order : Phase.CompareTo(other.Phase);
        order = order != 0 || ReferenceEquals(Cause, other.Cause) ? order : TimerCause.Compare(Cause, other.Cause);
        order = order != 0 ? order : Side.CompareTo(other.Side);
        order = order != 0 ? order : Input.CompareTo(other.Input);
        return order != 0 ? order : Emission.CompareTo(other.Emission);
    }

    /// <summary>Unsigned order of key bytes; none sorts first.</summary>
    public static int Compare(byte[]? left, byte[]? right) =>
        ReferenceEquals(left, right) ? 0 : left.AsSpan().SequenceCompareTo(right);
}

/// <summary>A timer that fired, as far as it puts in order what it caused.</summary>
/// <param name="Due">Where on the scale it falls due.</param>
/// <param name="Stage">Its stage.</param>
/// <param name="Key">Its key bytes.</param>
/// <param name="Number">Its number.</param>
internal sealed record TimerCause(long Due, int Stage, byte[] Key, long Number)
{
    /// <summary>The order of rule T7; none comes first.</summary>
    public static int Compare(TimerCause? left, TimerCause? right)
    {
        if (left is null || right is null)
        {
            return (left is null ? 0 : 1) - (right is null ? 0 : 1);
        }

        var order = left.Due.CompareTo(right.Due);
        order = order != 0 ? order : left.Stage.CompareTo(right.Stage);
        order = order != 0 ? order : Moment.Compare(left.Key, right.Key);
        return order != 0 ? order : left.Number.CompareTo(right.Number);
    }
}
