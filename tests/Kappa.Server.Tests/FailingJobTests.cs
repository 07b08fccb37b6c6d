using System.Text;
using Kappa.Client;
using Xunit;

namespace Kappa.Server.Tests;

/// <summary>Jobs that fail, and records they cannot take: rules O6 and O7 as a user of the API sees them.</summary>
public sealed class FailingJobTests
{
    [Fact]
    public async Task A_job_that_throws_on_every_record_fails_with_its_first_error_and_the_live_one_goes_on_O6()
    {
        await using var running = await RunningServer.StartAsync();
        await Loops.AppendAsync(running, Lines(150));
        await Loops.DeployAsync(running, CompiledJobs.Totals());
        await Loops.UntilAsync(running, "totals@1", "Live");

        var made = await Loops.DeployAsync(running, CompiledJobs.Totals("e.Amount / (e.Amount - e.Amount)"));
        Assert.Equal("made", made.Outcome);
        var failed = await Loops.UntilAsync(running, "totals@2", "Failed");

        // 100 errors are the least that stop a job, and it stops at once.
        Assert.StartsWith(
            "Job 'totals' failed on 100 of its last 100 records (allowed is 1 %).",
            failed.Error, StringComparison.Ordinal);
        Assert.Contains("The first error: 2:Aggregate: DivideByZeroException", failed.Error, StringComparison.Ordinal);
        Assert.Contains("deploy it", failed.Error, StringComparison.Ordinal);
        Assert.Null(failed.Progress);
        await Loops.AppendAsync(running, "{\"Name\":\"late\",\"Amount\":7}\n");
        await Loops.UntilRowsAsync(running, "totals", "a 150", "late 7");
        var refused = await Assert.ThrowsAsync<RequestFailedException>(
            () => running.Client.SwitchAsync(new SwitchRequest(["totals@2"])));
        Assert.Equal(409, refused.Status);
        Assert.Contains("totals@2", refused.Message, StringComparison.Ordinal);

        // Corrected code is the next version; the failed one's number is not used again (rule V1).
        Assert.Equal("totals@3", (await Loops.DeployAsync(running, CompiledJobs.Totals("e.Amount * 2"))).Version);
        await Loops.UntilAsync(running, "totals@3", "Ready");
    }

    [Fact]
    public async Task Ninety_nine_errors_do_not_stop_a_job_and_are_rows_of_its_dead_table_O6_O7()
    {
        await using var running = await RunningServer.StartAsync();
        await Loops.AppendAsync(running, Lines(99));
        await Loops.DeployAsync(running, CompiledJobs.Totals("e.Amount / (e.Amount - e.Amount)"));
        var live = await Loops.UntilAsync(running, "totals@1", "Live");

        Assert.Equal(99, live.Progress!.Dead);
        Assert.Equal(99, (await Loops.RowsAsync(running, "totals.dead")).Count);
        Assert.Empty(await Loops.RowsAsync(running, "totals"));
    }

    [Fact]
    public async Task What_cannot_be_decoded_and_a_null_key_are_dead_letters_with_origin_and_bytes_O6_O7()
    {
        await using var running = await RunningServer.StartAsync();
        string[] lines =
        [
            "{\"Name\":\"a\",\"Amount\":1}", "{\"Name\":\"a\",\"Amount\":\"much\"}",
            "{\"Name\":null,\"Amount\":2}", "[1]",
        ];
        await Loops.AppendAsync(running, string.Join('\n', lines) + "\n");
        await Loops.DeployAsync(running, CompiledJobs.Totals());
        await Loops.UntilAsync(running, "totals@1", "Live");

        Assert.Equal(["a 1"], await Loops.RowsAsync(running, "totals"));
        var dead = await running.Client.RowsAsync("totals.dead");
        string Of(int row, string column) => dead.Rows[row][dead.Columns.ToList().IndexOf(column)].ToString();
        Assert.Equal(3, dead.Rows.Count);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("events 0 " + (i + 1), $"{Of(i, "topic")} {Of(i, "partition")} {Of(i, "offset")}");
            Assert.Equal(lines[i + 1], Encoding.UTF8.GetString(Convert.FromBase64String(Of(i, "bytes"))));
        }

        Assert.Equal(["0:From", "1:KeyBy", "0:From"], Enumerable.Range(0, 3).Select(row => Of(row, "operator")));
        Assert.StartsWith("JsonException", Of(0, "error"), StringComparison.Ordinal);
        Assert.StartsWith("The key is null.", Of(1, "error"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_captured_value_without_a_fingerprint_is_refused_by_name_V2()
    {
        await using var running = await RunningServer.StartAsync();
        const string Source = """
            using Kappa.Streams;
            public sealed record E(string K);
            public static class Jobs
            {
                public static readonly Job A = Make(new System.IO.MemoryStream());
                private static Job Make(System.IO.Stream held) => Job.Define(
                    "a", f => f.From<E>("events").Where(e => held.CanRead).ToTable("a", e => e.K));
            }
            """;

        var refused = await Assert.ThrowsAsync<RequestFailedException>(() => Loops.DeployAsync(running, Source));

        Assert.Equal(400, refused.Status);
        Assert.Contains("held", refused.Message, StringComparison.Ordinal);
        Assert.NotEmpty(refused.Next);
        Assert.Empty(await running.Client.JobsAsync());
    }

    [Fact]
    public async Task A_column_that_is_not_there_is_named_with_those_there_are()
    {
        await using var running = await RunningServer.StartAsync();
        await Loops.DeployAsync(running, CompiledJobs.Totals());
        await Loops.UntilAsync(running, "totals@1", "Live");

        var refused = await Assert.ThrowsAsync<RequestFailedException>(
            () => running.Client.RowsAsync("totals", [new("colour", "red")]));

        Assert.Equal(400, refused.Status);
        Assert.Contains("'colour'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("key, sum", refused.Next, StringComparison.Ordinal);
    }

    private static string Lines(int count) =>
        string.Concat(Enumerable.Repeat("{\"Name\":\"a\",\"Amount\":1}\n", count));
}
