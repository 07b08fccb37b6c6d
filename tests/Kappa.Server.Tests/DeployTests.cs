using System.IO.Compression;
using Kappa.Client;
using Xunit;

namespace Kappa.Server.Tests;

/// <summary>What an artifact may hold, and what a deploy refuses.</summary>
public sealed class DeployTests
{
    [Theory]
    [InlineData("../escaped.txt")]
    [InlineData("/escaped.txt")]
    [InlineData("a/../../escaped.txt")]
    [InlineData("a\\..\\escaped.txt")]
    [InlineData("./escaped.txt")]
    [InlineData("a//escaped.txt")]
    [InlineData("%2e%2e/escaped.txt")]
    [InlineData("C:/escaped.txt")]
    [InlineData(".hidden")]
    [InlineData("a\u0000b")]
    public async Task A_zip_with_a_name_that_leaves_the_artifact_is_refused(string name)
    {
        await using var running = await RunningServer.StartAsync();
        var before = Files(running.Folder);

        var refused = await Assert.ThrowsAsync<RequestFailedException>(
            () => running.Client.UploadAsync(CompiledJobs.Zip((name, [1, 2, 3]))));

        Assert.Equal(400, refused.Status);
        Assert.Equal(before, Files(running.Folder));
    }

    [Fact]
    public async Task A_zip_with_a_link_is_refused()
    {
        await using var running = await RunningServer.StartAsync();
        using var zip = new MemoryStream();
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            var entry = archive.CreateEntry("Jobs.dll");
            entry.ExternalAttributes = unchecked((int)(0xA1FFu << 16));
            using var content = entry.Open();
            content.Write("/etc/passwd"u8);
        }

        var refused = await Assert.ThrowsAsync<RequestFailedException>(() => running.Client.UploadAsync(zip.ToArray()));

        Assert.Equal(400, refused.Status);
    }

    [Fact]
    public async Task A_zip_that_unpacks_to_far_more_than_it_holds_is_refused()
    {
        await using var running = await RunningServer.StartAsync();

        var refused = await Assert.ThrowsAsync<RequestFailedException>(
            () => running.Client.UploadAsync(CompiledJobs.Zip(("zeros.bin", new byte[64 << 20]))));

        Assert.Equal(400, refused.Status);
        Assert.Contains("too many bytes", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_zip_is_refused()
    {
        await using var running = await RunningServer.StartAsync();

        var refused = await Assert.ThrowsAsync<RequestFailedException>(() => running.Client.UploadAsync(new byte[1000]));

        Assert.Equal(400, refused.Status);
    }

    [Fact]
    public async Task The_same_files_make_the_same_artifact()
    {
        await using var running = await RunningServer.StartAsync();

        var first = await running.Client.UploadAsync(CompiledJobs.Zip(("a.txt", [1]), ("b.txt", [2])));
        var second = await running.Client.UploadAsync(CompiledJobs.Zip(("b.txt", [2]), ("a.txt", [1])));
        var other = await running.Client.UploadAsync(CompiledJobs.Zip(("a.txt", [2]), ("b.txt", [1])));

        Assert.Equal(first.Artifact, second.Artifact);
        Assert.NotEqual(first.Artifact, other.Artifact);
    }

    [Theory]
    [InlineData("public static class Nothing;", "has no jobs")]
    [InlineData(
        """
        using Kappa.Streams;
        public sealed record E(string K);
        public static class Jobs
        {
            public static readonly Job A = Job.Define("same", f => f.From<E>("events").ToTable("a", e => e.K));
            public static readonly Job B = Job.Define("same", f => f.From<E>("events").ToTable("b", e => e.K));
        }
        """,
        "two jobs of the name 'same'")]
    [InlineData(
        """
        using Kappa.Streams;
        public sealed record E(string K);
        public static class Jobs
        {
            public static readonly Job A = Job.Define("a", f => f.From<E>("events").ToTable("same", e => e.K));
            public static readonly Job B = Job.Define("b", f => f.From<E>("events").ToTable("same", e => e.K));
        }
        """,
        "The table 'same'")]
    [InlineData(
        """
        using Kappa.Streams;
        public sealed record E(string K);
        public static class Jobs
        {
            public static readonly Job A = Job.Define("../x", f => f.From<E>("events").ToTable("a", e => e.K));
        }
        """,
        "'../x' is no name for a job")]
    [InlineData(
        """
        using Kappa.Streams;
        public sealed record E(string K);
        public static class Jobs
        {
            private static int _count;
            public static readonly Job A = Job.Define(
                "a", f => f.From<E>("events").Where(e => _count++ < 10).ToTable("a", e => e.K));
        }
        """,
        "_count")]
    [InlineData(
        """
        using Kappa.Streams;
        public static class Jobs
        {
            public static Job Broken => throw new InvalidOperationException("no configuration");
        }
        """,
        "no configuration")]
    public async Task A_program_that_cannot_be_deployed_is_refused_by_name(string source, string says)
    {
        await using var running = await RunningServer.StartAsync();
        var artifact = await running.Client.UploadAsync(CompiledJobs.Zip(source));

        var refused = await Assert.ThrowsAsync<RequestFailedException>(
            () => running.Client.DeployAsync(new DeployRequest(artifact.Artifact)));

        Assert.InRange(refused.Status, 400, 409);
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
        Assert.NotEmpty(refused.Next);
        Assert.Empty(await running.Client.JobsAsync());
    }

    [Fact]
    public async Task A_table_of_another_job_is_refused()
    {
        await using var running = await RunningServer.StartAsync();
        await DeployAsync(running, CompiledJobs.Totals());
        var other = CompiledJobs.Totals().Replace("Define(\"totals\"", "Define(\"others\"", StringComparison.Ordinal);

        var refused = await Assert.ThrowsAsync<RequestFailedException>(() => DeployAsync(running, other));

        Assert.Equal(409, refused.Status);
        Assert.Contains("'totals'", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nope")]
    [InlineData("../../log")]
    [InlineData("")]
    public async Task An_artifact_that_is_not_there_is_not_found(string artifact)
    {
        await using var running = await RunningServer.StartAsync();

        var refused = await Assert.ThrowsAsync<RequestFailedException>(
            () => running.Client.DeployAsync(new DeployRequest(artifact)));

        Assert.Equal(404, refused.Status);
    }

    [Fact]
    public async Task A_plan_changes_nothing()
    {
        await using var running = await RunningServer.StartAsync();
        var artifact = await running.Client.UploadAsync(CompiledJobs.Zip(CompiledJobs.Totals()));

        var plan = await running.Client.DeployAsync(new DeployRequest(artifact.Artifact, Plan: true));

        Assert.True(plan.Planned);
        var job = Assert.Single(plan.Jobs);
        Assert.Equal(("totals@1", "made"), (job.Version, job.Outcome));
        Assert.Equal(["events"], job.CreatedTopics);
        Assert.Empty(await running.Client.JobsAsync());
        Assert.DoesNotContain(await running.Client.TopicsAsync(), topic => topic.Name == "events");
    }

    private static async Task<DeployedJob> DeployAsync(RunningServer running, string source)
    {
        var artifact = await running.Client.UploadAsync(CompiledJobs.Zip(source));
        return (await running.Client.DeployAsync(new DeployRequest(artifact.Artifact))).Jobs[0];
    }

    private static List<string> Files(string folder) =>
        [.. Directory.EnumerateFiles(Path.GetDirectoryName(folder)!, "escaped*", SearchOption.TopDirectoryOnly)
            .Concat(Directory.EnumerateFiles(Path.Combine(folder, "artifacts"), "*", SearchOption.AllDirectories))
            .Order(StringComparer.Ordinal)];
}
