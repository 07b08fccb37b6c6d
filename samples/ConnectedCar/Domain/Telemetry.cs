namespace ConnectedCar;

/// <summary>
/// One sample of a car's on-board device. (Device, Boot, Seq) names it: a device starts a new boot with each start of
/// the engine and numbers its samples. Every field is required, so a sample cut short is a dead letter.
/// </summary>
public sealed record Telemetry
{
    public required string Device { get; init; }
    public required string Boot { get; init; }
    public required long Seq { get; init; }

    /// <summary>The time by the engine's clock, in whole seconds: several samples may share one.</summary>
    public required DateTimeOffset At { get; init; }
    public required double SpeedKmh { get; init; }
    public required double Rpm { get; init; }
    public required double CoolantC { get; init; }
    public required double LoadPct { get; init; }
    public required double ThrottlePct { get; init; }
    public required double Voltage { get; init; }
}
