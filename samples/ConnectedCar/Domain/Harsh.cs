namespace ConnectedCar;

/// <summary>
/// Harsh driving of one hour. Samples in a row beyond the limit are one event, counted where it begins;
/// <see cref="Hardest"/> is the strongest change of speed in m/s², negative for braking.
/// </summary>
public sealed record Harsh(long Braking, long Acceleration, double Hardest)
{
    public static readonly Harsh None = new(0, 0, 0);

    public Harsh Add(Motion motion) => new(
        Braking + (motion.Begins && motion.IsBraking ? 1 : 0),
        Acceleration + (motion.Begins && motion.IsAccelerating ? 1 : 0),
        Math.Abs(motion.Acceleration) > Math.Abs(Hardest) ? motion.Acceleration : Hardest);
}
