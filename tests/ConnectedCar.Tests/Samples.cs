namespace ConnectedCar.Tests;

internal static class Samples
{
    public static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    public static Telemetry At(double second, double speedKmh, long seq = 0) => new()
    {
        Device = "car-1",
        Boot = "1",
        Seq = seq,
        At = Noon.AddSeconds(second),
        SpeedKmh = speedKmh,
        Rpm = 0,
        CoolantC = 0,
        LoadPct = 0,
        ThrottlePct = 0,
        Voltage = 0,
    };
}
