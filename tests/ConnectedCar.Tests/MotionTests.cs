using Xunit;

namespace ConnectedCar.Tests;

public sealed class MotionTests
{
    [Fact]
    public void A_step_is_measured_by_the_time_between_samples()
    {
        // −36 km/h is −10 m/s: over 2 s −5 m/s².
        var motion = Fold(Samples.At(0, 72), Samples.At(2, 36));

        Assert.Equal(-5, motion.Acceleration, 12);
        Assert.True(motion is { IsBraking: true, IsHarsh: true, Begins: true, IsAccelerating: false });
    }

    [Fact]
    public void A_stalled_clock_raises_no_alarm()
    {
        // 45 km/h less in 5 s is −2.5 m/s²; taken for one second it would be −12.5 m/s².
        Telemetry[] samples = [Samples.At(0, 90), Samples.At(5, 45)];

        Assert.False(Fold(samples).IsHarsh);
        Assert.Equal(-12.5, FoldBySecond(samples).Acceleration, 12);
    }

    [Fact]
    public void Samples_of_one_second_are_compared_with_the_last_of_an_earlier_second()
    {
        // The second sample at 1 s is 18 km/h below the last one at 0 s: −5 m/s², never a division by zero.
        var first = Fold(Samples.At(0, 60), Samples.At(0, 54), Samples.At(1, 54));
        var second = first.On(Samples.At(1, 36));

        Assert.Equal(0, first.Acceleration);
        Assert.Equal(-5, second.Acceleration, 12);
        Assert.Equal(Samples.Noon, second.EarlierAt);
    }

    [Fact]
    public void Samples_of_the_first_second_have_nothing_to_be_compared_with()
    {
        var motion = Fold(Samples.At(0, 10), Samples.At(0, 90));

        Assert.Equal(0, motion.Acceleration);
        Assert.False(motion.IsHarsh);
    }

    [Fact]
    public void An_event_is_counted_where_it_begins_and_keeps_its_hardest_change()
    {
        Telemetry[] samples =
        [
            Samples.At(0, 100), Samples.At(1, 88), Samples.At(2, 70), Samples.At(3, 69), Samples.At(4, 79.08),
            Samples.At(5, 60),
        ];

        // m/s²: −3.33, −5 (the same event), −0.28, 2.8, −5.3: two times braking, once accelerating.
        var harsh = Scan(samples).Where(motion => motion.IsHarsh).Aggregate(Harsh.None, (sum, m) => sum.Add(m));

        Assert.Equal((2L, 1L), (harsh.Braking, harsh.Acceleration));
        Assert.Equal((60 - 79.08) / 3.6, harsh.Hardest, 12);
    }

    [Theory]
    [InlineData(-2.7, true)]
    [InlineData(-2.69, false)]
    [InlineData(2.5, true)]
    [InlineData(2.49, false)]
    public void The_limits_themselves_are_harsh(double acceleration, bool harsh) =>
        Assert.Equal(harsh, (Motion.None with { Acceleration = acceleration }).IsHarsh);

    [Fact]
    public void Taking_samples_as_they_arrive_invents_harsh_driving()
    {
        // A car slows down by 3.6 km/h a second (−1 m/s²); three samples were stored in a tunnel and come late.
        var inOrder = Enumerable.Range(0, 12).Select(s => Samples.At(s, 100 - (3.6 * s), s)).ToList();
        var arrived = inOrder.Take(4).Concat(inOrder.Skip(7)).Concat(inOrder.Skip(4).Take(3)).ToList();

        Assert.DoesNotContain(Scan([.. inOrder]), motion => motion.IsHarsh);
        Assert.Contains(ScanBySecond([.. arrived]), motion => motion.IsBraking);
        Assert.Contains(ScanBySecond([.. arrived]), motion => motion.IsAccelerating);
    }

    private static Motion Fold(params Telemetry[] samples) => Scan(samples).Last();

    private static Motion FoldBySecond(params Telemetry[] samples) => ScanBySecond(samples).Last();

    private static IEnumerable<Motion> Scan(Telemetry[] samples)
    {
        var motion = Motion.None;
        return samples.Select(sample => motion = motion.On(sample)).ToList();
    }

    private static IEnumerable<Motion> ScanBySecond(Telemetry[] samples)
    {
        var motion = Motion.None;
        return samples.Select(sample => motion = motion.On(sample, TimeSpan.FromSeconds(1))).ToList();
    }
}
