namespace ConnectedCar;

/// <summary>
/// How a device's speed changed up to its latest sample. The engine's clock counts whole seconds and several samples
/// share one, so a sample is compared with the last one of an earlier second: nothing is divided by zero, and a change
/// seen within one second is set against the time since the second before. What the clock does not show stays unknown:
/// a step of one second may have lasted a little more or less.
/// </summary>
public sealed record Motion(
    string Device,
    DateTimeOffset At,
    double SpeedKmh,
    DateTimeOffset EarlierAt,
    double EarlierSpeedKmh,
    double Acceleration,
    bool Begins)
{
    /// <summary>At or below this many m/s² the car brakes harshly (a common default of tracking devices).</summary>
    public const double HarshBraking = -2.7;

    /// <summary>At or above this many m/s² the car accelerates harshly (the same).</summary>
    public const double HarshAcceleration = 2.5;

    public static readonly Motion None = new("", default, 0, default, 0, 0, false);

    public bool IsBraking => Acceleration <= HarshBraking;

    public bool IsAccelerating => Acceleration >= HarshAcceleration;

    public bool IsHarsh => IsBraking || IsAccelerating;

    /// <summary>The next sample in event-time order: the time between samples is read from them.</summary>
    public Motion On(Telemetry sample)
    {
        if (Device.Length == 0)
        {
            return First(sample);
        }

        var earlier = sample.At > At ? (At, SpeedKmh) : (At: EarlierAt, SpeedKmh: EarlierSpeedKmh);
        return Next(sample, earlier.At, earlier.SpeedKmh, sample.At - earlier.At);
    }

    /// <summary>The next sample, said to be <paramref name="elapsed"/> after the one before.</summary>
    public Motion On(Telemetry sample, TimeSpan elapsed) =>
        Device.Length == 0 ? First(sample) : Next(sample, At, SpeedKmh, elapsed);

    /// <summary>The first sample, and those that share its second, have nothing earlier to be compared with.</summary>
    private static Motion First(Telemetry sample) =>
        new(sample.Device, sample.At, sample.SpeedKmh, sample.At, sample.SpeedKmh, 0, false);

    private Motion Next(Telemetry sample, DateTimeOffset earlierAt, double earlierSpeedKmh, TimeSpan elapsed)
    {
        var seconds = elapsed.TotalSeconds;
        var acceleration = seconds > 0 ? (sample.SpeedKmh - earlierSpeedKmh) / 3.6 / seconds : 0;
        var next = new Motion(
            sample.Device, sample.At, sample.SpeedKmh, earlierAt, earlierSpeedKmh, acceleration, Begins: false);
        var goesOn = (next.IsBraking && IsBraking) || (next.IsAccelerating && IsAccelerating);
        return next with { Begins = next.IsHarsh && !goesOn };
    }
}
