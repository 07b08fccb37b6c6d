using Xunit;

namespace Kappa.Streams.Tests.Spilling;

/// <summary>Whether state is in memory or in scratch files leaves no trace (promise P2, rules T8 and C2).</summary>
public sealed class SpillScheduleTests
{
    private static readonly long[] Shares = [0, 3_000, long.MaxValue];

    public static TheoryData<string> Jobs => [.. GoldenJobs.All.Select(job => job.Name)];

    [Theory]
    [MemberData(nameof(Jobs))]
    public void Tables_are_the_same_with_state_in_memory_and_spilled_T8_C2(string name)
    {
        var job = GoldenJobs.All.Single(job => job.Name == name);
        var scratch = new Scratch();
        for (var seed = 1; seed <= 2; seed++)
        {
            var sequence = Sequence.Random(
                seed, 600, partitions: 1 + (seed % 3), complete: seed % 2 == 1, devices: seed == 2 ? 40 : 5);
            var expected = Machine.Straight(job, sequence).Digest();
            for (var schedule = 0; schedule < 4; schedule++)
            {
                var random = new Random((seed * 100) + schedule);
                var got = Machine.Run(
                    job, sequence, random.Next(1, 5), () => random.Next(1, schedule == 0 ? 2 : 40),
                    schedule < 2 ? null : () => random.Next(5) == 0 ? random.Next(1, 5) : 0,
                    spill: () => scratch.Space(schedule < 2 ? 0 : Shares[random.Next(Shares.Length)])).Digest();

                Assert.True(expected == got, $"job {name} seed {seed} schedule {schedule}");
            }
        }

        Assert.True(scratch.Files.Written > 0, "nothing was spilled");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(200_000)]
    public void A_window_with_more_keys_than_fit_closes_in_order_O1_T7(long share)
    {
        var job = Job.Define("wide", flow => flow
            .From<Reading>("readings", reading => reading.At, TimeSpan.FromSeconds(30), maxAhead: TimeSpan.FromDays(
                999))
            .KeyBy(reading => reading.Seq % 6_007)
            .Window(Window.Tumbling(TimeSpan.FromHours(2)))
            .Aggregate(Total.None, (total, reading) => total.Add(reading))
            .KeyBy(wide => wide.Value.Count % 2)
            .Aggregate(0L, (trace, wide) => unchecked((trace * 31) + wide.Key))
            .ToTable("wide"));
        var sequence = Sequence.Random(4, 20_000, 2, complete: true, batchMax: 200);
        var scratch = new Scratch();

        var got = Machine.Run(job, sequence, 2, () => 5, spill: () => scratch.Space(share));

        Assert.Equal(Machine.Straight(job, sequence).Digest(), got.Digest());
        Assert.True(scratch.Files.Written > 500_000, $"{scratch.Files.Written} bytes");
    }
}
