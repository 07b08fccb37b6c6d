using System.Text;
using Kappa.Client;
using Xunit;

namespace Kappa.Server.Tests;

/// <summary>What tests of the loop over HTTP do again and again.</summary>
internal static class Loops
{
    public static async Task AppendAsync(RunningServer running, string lines, string topic = "events")
    {
        await running.Client.CreateTopicAsync(new CreateTopicRequest(topic));
        await running.Client.AppendAsync(topic, Encoding.UTF8.GetBytes(lines));
    }

    public static async Task<DeployedJob> DeployAsync(RunningServer running, string source)
    {
        var artifact = await running.Client.UploadAsync(CompiledJobs.Zip(source));
        return Assert.Single((await running.Client.DeployAsync(new DeployRequest(artifact.Artifact))).Jobs);
    }

    public static async Task<VersionView> VersionAsync(RunningServer running, string version) =>
        (await running.Client.JobAsync(version[..version.LastIndexOf('@')]))
            .Versions.Single(one => one.Version == version);

    public static async Task<VersionView> UntilAsync(RunningServer running, string version, string state)
    {
        var found = await VersionAsync(running, version);
        await UntilAsync(async () =>
        {
            found = await VersionAsync(running, version);
            Assert.True(found.State == state || found.State != "Failed", found.Error);
            return found.State == state;
        }, $"{version} is not {state}");
        return found;
    }

    public static async Task<List<string>> RowsAsync(RunningServer running, string table) =>
        [.. (await running.Client.RowsAsync(table)).Rows.Select(row => string.Join(' ', row))];

    public static Task UntilRowsAsync(RunningServer running, string table, params string[] rows) => UntilAsync(
        async () => (await RowsAsync(running, table)).SequenceEqual(rows), $"{table} is not {string.Join(", ", rows)}");

    /// <summary>The engine runs on real threads here, so the answer is asked for until it comes.</summary>
    public static async Task UntilAsync(Func<Task<bool>> holds, string otherwise)
    {
        var patience = System.Diagnostics.Stopwatch.StartNew();
        while (!await holds())
        {
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(60), otherwise + ".");
            await Task.Yield();
        }
    }
}
