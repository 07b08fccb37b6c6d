using System.Globalization;
using Kappa.Client;
using Xunit;

namespace Kappa.Server.Tests;

/// <summary>The loop over HTTP: deploy, reprocess, diff, switch, rollback, drop, and a restart in between.</summary>
public sealed class LoopTests
{
    [Fact]
    public async Task The_loop_goes_round_and_survives_a_restart()
    {
        var folder = RunningServer.TempFolder();
        try
        {
            string oldExport;
            await using (var running = await RunningServer.StartAsync(folder))
            {
                await AppendAsync(running, "events",
                    "{\"Name\":\"a\",\"Amount\":1}\n{\"Name\":\"b\",\"Amount\":2}\n{\"Name\":\"a\",\"Amount\":3}\n");

                // Rule V1: the first version goes live by itself; the same code again changes nothing.
                Assert.Equal(("totals@1", "made"), await DeployAsync(running, CompiledJobs.Totals()));
                await UntilAsync(running, "totals@1", "Live");
                Assert.Equal(("totals@1", "unchanged"), await DeployAsync(running, CompiledJobs.Totals()));
                Assert.Equal([("a", 4L), ("b", 2L)], await RowsAsync(running, "totals"));
                oldExport = await ExportAsync(running, "totals@1");

                // Changed code makes the next version beside it; readers see the old one.
                Assert.Equal(("totals@2", "made"), await DeployAsync(running, CompiledJobs.Totals("e.Amount * 10")));
                await UntilAsync(running, "totals@2", "Ready");
                Assert.Equal([("a", 4L), ("b", 2L)], await RowsAsync(running, "totals"));
                Assert.Equal([("a", 40L), ("b", 20L)], await RowsAsync(running, "totals@2"));
                Assert.Equal(
                    ("totals@2", "switchable"), await DeployAsync(running, CompiledJobs.Totals("e.Amount * 10")));

                var diff = await running.Client.DiffAsync(new DiffRequest("totals@1", "totals@2"));
                Assert.False(diff.Same);
                Assert.Equal(2, diff.Tables.Single(table => table.Table == "totals").Changed);

                await running.Client.SwitchAsync(new SwitchRequest(["totals@2"]));
                Assert.Equal([("a", 40L), ("b", 20L)], await RowsAsync(running, "totals"));
            }

            // Both versions come back from their artifacts (rule V3).
            await using var again = await RunningServer.StartAsync(folder);
            Assert.Equal([("a", 40L), ("b", 20L)], await RowsAsync(again, "totals"));
            await AppendAsync(again, "events", "{\"Name\":\"c\",\"Amount\":5}\n");
            await UntilRowsAsync(again, "totals@1", 3);
            await UntilRowsAsync(again, "totals@2", 3);

            // Rule V5: rollback is a switch back, and fresh.
            await again.Client.RollbackAsync("totals", leave: "totals@2");

            // Repeated with the version it leaves, it does nothing.
            await again.Client.RollbackAsync("totals", leave: "totals@2");
            Assert.Equal([("a", 4L), ("b", 2L), ("c", 5L)], await RowsAsync(again, "totals"));
            Assert.NotEqual(oldExport, await ExportAsync(again, "totals"));

            // Rule V8.
            var live = await Assert.ThrowsAsync<RequestFailedException>(() => again.Client.DropAsync("totals@1"));
            Assert.Equal(409, live.Status);
            await again.Client.DropAsync("totals@2");
            var gone = await Assert.ThrowsAsync<RequestFailedException>(() => RowsAsync(again, "totals@2"));
            Assert.Equal(404, gone.Status);

            // Numbers are never used twice (rule V1); the same code gives an empty diff (promise P2).
            Assert.Equal(["totals@3"], (await again.Client.ReprocessAsync("totals")).Versions);
            await UntilAsync(again, "totals@3", "Ready");
            Assert.True((await again.Client.DiffAsync(new DiffRequest("totals@1", "totals@3"))).Same);
            Assert.Equal(await ExportAsync(again, "totals@1"), await ExportAsync(again, "totals@3"));
        }
        finally
        {
            RunningServer.Delete(folder);
        }
    }

    [Fact]
    public async Task Every_answer_names_its_version_and_place()
    {
        // Promise P4, rule V7.
        await using var running = await RunningServer.StartAsync();
        await AppendAsync(running, "events", "{\"Name\":\"a\",\"Amount\":1}\n");
        await DeployAsync(running, CompiledJobs.Totals());
        await UntilAsync(running, "totals@1", "Live");

        foreach (var path in new[] { "/v1/tables/totals/rows", "/v1/tables/totals@1/rows?key=a",
            "/v1/tables/totals/export" })
        {
            using var response = await running.Http.GetAsync(new Uri(path, UriKind.Relative));
            Assert.True(response.IsSuccessStatusCode, path);
            Assert.Equal("totals@1", response.Headers.GetValues("Kappa-Version").Single());
            Assert.True(Log.Place.TryParse(response.Headers.GetValues("Kappa-Place").Single(), out var place)
                && place > Log.Place.Start);
        }

        var answer = await running.Client.QueryAsync(new QueryRequest("select sum from totals"));
        Assert.Equal("totals@1", answer.Version);
        Assert.True(Log.Place.TryParse(answer.Place, out _));
        Assert.Equal(1, answer.Rows.Single().Single().GetInt64());
    }

    [Theory]
    [InlineData("select nope from totals", 400)]
    [InlineData("delete from totals", 403)]
    [InlineData("insert into totals values (1)", 403)]
    [InlineData("drop table totals", 403)]
    [InlineData("attach 'x.db' as x; select 1 from totals", 403)]
    [InlineData("pragma table_info(totals)", 403)]
    [InlineData("select load_extension('x') from totals", 403)]
    [InlineData("vacuum into 'totals'", 403)]
    [InlineData("select 1 from totals; select 2", 400)]
    [InlineData("select * from nothing", 404)]
    public async Task SQL_that_is_wrong_or_does_more_than_read_is_refused(string sql, int status)
    {
        // S13.
        await using var running = await RunningServer.StartAsync();
        await DeployAsync(running, CompiledJobs.Totals());
        await UntilAsync(running, "totals@1", "Live");

        var refused = await Assert.ThrowsAsync<RequestFailedException>(
            () => running.Client.QueryAsync(new QueryRequest(sql)));

        Assert.True(status == refused.Status || (status == 403 && refused.Status == 400),
            $"{refused.Status}: {refused.Message}");
        Assert.NotEmpty(refused.Next);
        Assert.DoesNotContain(running.Folder, refused.Message + refused.Next, StringComparison.Ordinal);
    }

    private static async Task AppendAsync(RunningServer running, string topic, string lines)
    {
        await running.Client.CreateTopicAsync(new CreateTopicRequest(topic));
        await running.Client.AppendAsync(topic, System.Text.Encoding.UTF8.GetBytes(lines));
    }

    private static async Task<(string Version, string Outcome)> DeployAsync(RunningServer running, string source)
    {
        var artifact = await running.Client.UploadAsync(CompiledJobs.Zip(source));
        var job = Assert.Single((await running.Client.DeployAsync(new DeployRequest(artifact.Artifact))).Jobs);
        return (job.Version, job.Outcome);
    }

    private static async Task<List<(string Name, long Sum)>> RowsAsync(RunningServer running, string table)
    {
        var answer = await running.Client.RowsAsync(table);
        return [.. answer.Rows.Select(row => (row[0].GetString()!, row[1].GetInt64()))];
    }

    private static async Task<string> ExportAsync(RunningServer running, string table)
    {
        using var into = new MemoryStream();
        return await running.Client.ExportAsync(table, into);
    }

    private static Task UntilAsync(RunningServer running, string version, string state) => UntilAsync(
        async () =>
        {
            var job = await running.Client.JobAsync(version[..version.LastIndexOf('@')]);
            var found = job.Versions.Single(one => one.Version == version);
            Assert.True(found.State != "Failed", found.Error);
            return found.State == state;
        },
        $"{version} is not {state}");

    private static Task UntilRowsAsync(RunningServer running, string table, int rows) =>
        UntilAsync(async () => (await RowsAsync(running, table)).Count == rows, $"{table} has not {rows} rows");

    /// <summary>The engine runs on real threads here, so the answer is asked for until it comes.</summary>
    private static async Task UntilAsync(Func<Task<bool>> holds, string otherwise)
    {
        var patience = System.Diagnostics.Stopwatch.StartNew();
        while (!await holds())
        {
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(60),
                string.Create(CultureInfo.InvariantCulture, $"{otherwise}."));
            await Task.Yield();
        }
    }
}
