using Kappa.Streams;

namespace ConnectedCar;

/// <summary>
/// Trips and harsh driving, version 1. It takes the samples as they arrive and believes the data sheet: one a second.
/// Devices send two a second, pause, and deliver what they stored in a tunnel later, so its numbers are wrong.
/// </summary>
public static class Jobs
{
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    public static readonly Job Driving = Job.Define("driving", flow =>
    {
        var samples = flow
            .From<Telemetry>("telemetry", eventTime: t => t.At, lateness: TimeSpan.FromSeconds(30))
            .KeyBy(t => t.Device)
            .Distinct(t => (t.Boot, t.Seq), within: TimeSpan.FromHours(1));

        samples
            .KeyBy(t => new TripId(t.Device, t.Boot))
            .Aggregate(Trip.None, (trip, t) => trip.On(t, OneSecond))
            .ToTable("trips");

        samples
            .Aggregate(Motion.None, (motion, t) => motion.On(t, OneSecond))
            .Where(motion => motion.IsHarsh)
            .KeyBy(motion => motion.Device)
            .Window(Window.Tumbling(TimeSpan.FromHours(1)))
            .Aggregate(Harsh.None, (harsh, motion) => harsh.Add(motion))
            .ToTable("harsh-driving");
    });
}
