namespace ConnectedCar;

/// <summary>
/// A trip so far. The distance adds up the mean of two consecutive speeds times the time between them.
/// </summary>
public sealed record Trip(
    DateTimeOffset Start, DateTimeOffset End, double DistanceKm, double MaxSpeedKmh, double SpeedKmh, long Samples)
{
    public static readonly Trip None = new(default, default, 0, 0, 0, 0);

    /// <summary>The next sample in event-time order: the time since the one before is read from the samples.</summary>
    public Trip On(Telemetry sample) => On(sample, sample.At - End);

    /// <summary>The next sample, said to be <paramref name="elapsed"/> after the one before.</summary>
    public Trip On(Telemetry sample, TimeSpan elapsed)
    {
        if (Samples == 0)
        {
            return new Trip(sample.At, sample.At, 0, sample.SpeedKmh, sample.SpeedKmh, 1);
        }

        return new Trip(
            Start < sample.At ? Start : sample.At,
            End > sample.At ? End : sample.At,
            DistanceKm + ((SpeedKmh + sample.SpeedKmh) / 2 * elapsed.TotalHours),
            Math.Max(MaxSpeedKmh, sample.SpeedKmh),
            sample.SpeedKmh,
            Samples + 1);
    }
}
