using Xunit;

namespace Kappa.Streams.Tests.Projections;

/// <summary>Events out of a twin are those of the log itself, and so are all tables (rule L11, promise P2).</summary>
public sealed class ProjectionTests(ProjectedLog log) : IClassFixture<ProjectedLog>
{
    public static TheoryData<string> Jobs => [.. GoldenJobs.OfReadings.Select(job => job.Name)];

    [Theory]
    [MemberData(nameof(Jobs))]
    public async Task A_job_makes_the_same_tables_of_twins_as_of_the_log_L11_P2_O7(string name)
    {
        var job = GoldenJobs.OfReadings.Single(job => job.Name == name);
        foreach (var projection in job.Build().Project().All)
        {
            await log.Log.ProjectAsync(projection, null, CancellationToken.None);
        }

        var raw = await log.ReadAsync(job, isTyped: false);
        var typed = await log.ReadAsync(job, isTyped: true);
        Assert.All(raw.Batches, batch => Assert.Null(batch.Projection));
        Assert.True(typed.Batches.Count(batch => batch.Projection is not null) > 50, "Nothing is typed.");
        Assert.Equal(raw.Batches.Select(batch => batch.LastPlace), typed.Batches.Select(batch => batch.LastPlace));

        var expected = Machine.Straight(job, raw).Digest();
        Assert.Contains(name + ".dead ", expected, StringComparison.Ordinal);
        Assert.Equal(expected, Machine.Straight(job, typed).Digest());
        var random = new Random(3);
        for (var schedule = 1; schedule <= 2; schedule++)
        {
            var got = Machine.Run(
                job, typed, schedule, () => random.Next(1, 40),
                schedule % 2 == 0 ? () => random.Next(4) == 0 ? random.Next(1, 4) : 0 : null).Digest();
            Assert.True(expected == got, $"{name} schedule {schedule}");
        }
    }
}
