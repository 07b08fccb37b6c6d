namespace Kappa.Streams.Runtime;

/// <summary>
/// When something happens inside a step, so exactly that any two things of a step can be put in order (rules T7 and
/// T8): the place; then the record before the timers; timers by the watermark value at which they fall due, stage, key
/// bytes and number; what one of them causes in the order caused.
/// </summary>
/// <param name="Place">Index of the place in the step.</param>
/// <param name="Due">Watermark value at which the causing timer falls due; <see cref="Record"/> for the record
/// itself.</param>
/// <param name="Stage">The stage of the causing timer.</param>
/// <param name="Key">Its key bytes.</param>
/// <param name="Number">Its number.</param>
/// <param name="Input">Order of the input that caused this among all inputs of its exchange.</param>
/// <param name="Emission">Order of emission by that input.</param>
internal readonly record struct Moment(
    int Place, long Due, int Stage, byte[]? Key, long Number, int Input, int Emission)
    : IComparable<Moment>
{
    /// <summary>Stands for the record: before all timers of its place.</summary>
    public const long Record = long.MinValue;

    public int CompareTo(Moment other)
    {
        var order = Place.CompareTo(other.Place);
        order = order != 0 ? order : Due.CompareTo(other.Due);
        order = order != 0 ? order : Stage.CompareTo(other.Stage);
        order = order != 0 ? order : Compare(Key, other.Key);
        order = order != 0 ? order : Number.CompareTo(other.Number);
        order = order != 0 ? order : Input.CompareTo(other.Input);
        return order != 0 ? order : Emission.CompareTo(other.Emission);
    }

    /// <summary>Unsigned order of key bytes; none sorts first.</summary>
    public static int Compare(byte[]? left, byte[]? right) =>
        ReferenceEquals(left, right) ? 0 : left.AsSpan().SequenceCompareTo(right);
}
