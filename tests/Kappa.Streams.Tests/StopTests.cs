using Kappa.Tables;
using Kappa.Tables.Loop;
using Xunit;

namespace Kappa.Streams.Tests;

/// <summary>A stop keeps what was computed: the next start computes nothing again (rule C1).</summary>
public sealed class StopTests
{
    private const int Records = 3_000;
    private const int StopAt = 1_234;

    [Fact]
    public async Task A_stop_between_two_commits_keeps_the_state_of_what_was_computed_C1()
    {
        using var folder = new TemporaryFolder();
        var code = new Dictionary<JobVersion, Job>();
        House? house = null;
        var calls = 0;
        var reached = new TaskCompletionSource();
        var job = Job.Define("counts", flow => flow
            .From<Reading>("readings", reading => reading.At, maxAhead: TimeSpan.FromDays(9999))
            .Select(reading =>
            {
                if (Interlocked.Increment(ref calls) == StopAt)
                {
                    // No commit is due here: the log goes on, and no time passes.
                    reached.SetResult();
                    house!.Stopping.WaitHandle.WaitOne();
                }

                return reading;
            })
            .KeyBy(reading => reading.Device)
            .Aggregate(0L, (count, _) => count + 1)
            .ToTable("counts"));

        JobVersion version;
        await using (house = await OpenAsync(folder.Path, code))
        {
            await house.TopicsAsync(job);
            await house.AppendAsync(Enumerable.Range(0, Records).Select(number =>
                new Reading($"d{number % 7}", Sequence.Origin.AddSeconds(number), number, 1)));
            version = await house.MakeAsync(job);
            await reached.Task;
        }

        Assert.InRange(calls, StopAt, Records - 1);
        await using (house = await OpenAsync(folder.Path, code))
        {
            await house.StateAsync(version, VersionState.Live);
            await house.CaughtUpAsync(version);
            Assert.Equal(Records, calls);

            // Whoever stops it twice has stopped it.
            await house.Versions.DisposeAsync();
        }
    }

    private static Task<House> OpenAsync(string folder, Dictionary<JobVersion, Job> code) => House.OpenAsync(
        folder, code, workers: 1, stepRecords: 100, stateEveryBytes: long.MaxValue,
        options: options => options with { CommitEvery = TimeSpan.FromHours(1), StateEvery = TimeSpan.FromHours(1) });
}
