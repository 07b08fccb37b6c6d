using Xunit;

namespace Kappa.Streams.Tests;

/// <summary>Promise P2: step size, workers and restarts leave no trace (rules T7, T8, C2).</summary>
public sealed class ScheduleTests
{
    public static TheoryData<string> Jobs => [.. GoldenJobs.All.Select(job => job.Name)];

    [Theory]
    [MemberData(nameof(Jobs))]
    public void Tables_are_the_same_for_any_workers_steps_and_restarts(string name)
    {
        var job = GoldenJobs.All.Single(job => job.Name == name);
        for (var seed = 1; seed <= 6; seed++)
        {
            var sequence = Sequence.Random(seed, 1500, partitions: 1 + (seed % 3), complete: seed % 2 == 0,
                rows: job.Build().Topics.Contains("rows"));
            var expected = Machine.Straight(job, sequence).Digest();
            Assert.NotEmpty(expected);
            for (var schedule = 0; schedule < 8; schedule++)
            {
                var random = new Random((seed * 100) + schedule);
                var workers = random.Next(1, 6);
                var largest = random.Next(1, 200);
                var restarts = schedule % 2 == 1;
                var got = Machine.Run(
                    job, sequence, workers, () => random.Next(1, largest + 1),
                    restarts ? () => random.Next(4) == 0 ? random.Next(1, 6) : 0 : null).Digest();

                Assert.True(expected == got,
                    $"job {name} seed {seed} schedule {schedule} workers {workers}:\n{Difference(expected, got)}");
            }
        }
    }

    private static string Difference(string expected, string got) => string.Join('\n',
        expected.Split('\n').Except(got.Split('\n')).Take(3).Select(line => "- " + line)
            .Concat(got.Split('\n').Except(expected.Split('\n')).Take(3).Select(line => "+ " + line)));
}
