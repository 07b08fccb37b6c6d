using Kappa.Streams;

namespace ConnectedCar;

/// <summary>
/// Trips and harsh driving, version 2. It puts the samples of a key in order of event time and reads the time between
/// two of them from the samples.
/// </summary>
public static class Jobs
{
    // <job>
    public static readonly Job Driving = Job.Define("driving", flow =>
    {
        var samples = flow
            .From<Telemetry>("telemetry", eventTime: t => t.At, lateness: TimeSpan.FromSeconds(30))
            .KeyBy(t => t.Device)
            .Distinct(t => (t.Boot, t.Seq), within: TimeSpan.FromHours(1));

        samples
            .KeyBy(t => new TripId(t.Device, t.Boot))
            .InOrder(then: t => t.Seq)
            .Aggregate(Trip.None, (trip, t) => trip.On(t))
            .ToTable("trips");

        samples
            .InOrder(then: t => t.Seq)
            .Aggregate(Motion.None, (motion, t) => motion.On(t))
            .Where(motion => motion.IsHarsh)
            .KeyBy(motion => motion.Device)
            .Window(Window.Tumbling(TimeSpan.FromHours(1)))
            .Aggregate(Harsh.None, (harsh, motion) => harsh.Add(motion))
            .ToTable("harsh-driving");
    });
    // </job>
}
