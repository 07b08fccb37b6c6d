using Xunit;

namespace ConnectedCar.Tests;

public sealed class TripTests
{
    [Fact]
    public void A_trip_adds_mean_speed_times_true_time()
    {
        // 0 → 36 km/h in 10 s is 50 m; 36 km/h for 5 s, a stall, is 50 m; a sample of the same second adds 0 m.
        Telemetry[] samples = [Samples.At(0, 0), Samples.At(10, 36), Samples.At(15, 36), Samples.At(15, 54)];

        var trip = samples.Aggregate(Trip.None, (trip, sample) => trip.On(sample));

        Assert.Equal(0.1, trip.DistanceKm, 12);
        Assert.Equal((Samples.Noon, Samples.Noon.AddSeconds(15)), (trip.Start, trip.End));
        Assert.Equal((54.0, 54.0, 4L), (trip.MaxSpeedKmh, trip.SpeedKmh, trip.Samples));
    }

    [Fact]
    public void Taking_every_step_for_a_second_makes_another_distance()
    {
        // Version 1 sees three steps of one second: 5 m, 10 m and 12.5 m.
        Telemetry[] samples = [Samples.At(0, 0), Samples.At(10, 36), Samples.At(15, 36), Samples.At(15, 54)];

        var trip = samples.Aggregate(Trip.None, (trip, sample) => trip.On(sample, TimeSpan.FromSeconds(1)));

        Assert.Equal(0.0275, trip.DistanceKm, 12);
    }

    [Fact]
    public void A_trip_of_one_sample_has_no_distance()
    {
        var trip = Trip.None.On(Samples.At(3, 80));

        Assert.Equal(new Trip(Samples.Noon.AddSeconds(3), Samples.Noon.AddSeconds(3), 0, 80, 80, 1), trip);
    }
}
