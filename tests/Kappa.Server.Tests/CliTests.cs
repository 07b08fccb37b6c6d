using System.Text;
using System.Text.Json;
using Kappa.Cli;
using Xunit;

namespace Kappa.Server.Tests;

/// <summary>The command line, in this process, against a running server.</summary>
public sealed class CliTests
{
    [Fact]
    public async Task The_loop_goes_round_by_commands()
    {
        await using var running = await RunningServer.StartAsync();
        var program = await ProgramAsync(running, "1", CompiledJobs.Totals());
        var changed = await ProgramAsync(running, "2", CompiledJobs.Totals("e.Amount + 1"));

        Assert.Equal(0, (await RunAsync(running, ["topics", "create", "events", "--partitions", "2"])).Code);
        var appended = await RunAsync(
            running, ["append", "events", "--key-field", "Name", "--request", "load"],
            "{\"Name\":\"a\",\"Amount\":7}\n");
        Assert.Contains("1 records appended", appended.Out, StringComparison.Ordinal);
        appended = await RunAsync(
            running, ["append", "events", "--key-field", "Name", "--request", "load"],
            "{\"Name\":\"a\",\"Amount\":7}\n");
        Assert.Contains("nothing was added", appended.Out, StringComparison.Ordinal);
        Assert.Contains(
            "totals@1", (await RunAsync(running, ["deploy", program, "--wait"])).Out, StringComparison.Ordinal);
        Assert.Contains(
            "totals@2", (await RunAsync(running, ["deploy", changed, "--wait"])).Out, StringComparison.Ordinal);

        var diff = await RunAsync(running, ["diff", "totals@1", "totals@2"]);
        Assert.Equal(1, diff.Code);
        Assert.Contains("sum 7 → 8", diff.Out, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync(running, ["diff", "totals@1", "totals@9"])).Code);
        Assert.Equal(0, (await RunAsync(running, ["switch", "totals@2"])).Code);
        Assert.Contains(
            "8", (await RunAsync(running, ["query", "select sum from totals"])).Out, StringComparison.Ordinal);
        var star = (await RunAsync(running, ["query", "select * from totals"])).Out;
        Assert.Contains("sum", star, StringComparison.Ordinal);
        Assert.DoesNotContain("row_key", star, StringComparison.Ordinal);
        var named = (await RunAsync(running, ["query", "select *, row_key from totals"])).Out;
        Assert.Contains("row_key", named, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync(running, ["rollback", "totals"])).Code);
        var answer = JsonDocument.Parse((await RunAsync(running, ["query", "select sum from totals", "--json"])).Out);
        Assert.Equal("totals@1", answer.RootElement.GetProperty("version").GetString());
        Assert.Equal(0, (await RunAsync(running, ["drop", "totals@2"])).Code);
        Assert.Equal(0, (await RunAsync(running, ["reprocess", "totals", "--wait"])).Code);
        Assert.Equal(0, (await RunAsync(running, ["diff", "totals@1", "totals@3"])).Code);
        var export = await RunAsync(running, ["export", "totals@3"]);
        Assert.EndsWith("[\"a\",7]\n", export.Out, StringComparison.Ordinal);
        Assert.Matches("sha256 [0-9a-f]{64}", export.Error);
    }

    [Fact]
    public async Task The_command_line_adds_lists_and_removes_subscriptions()
    {
        using var receiver = Receiver.Open();
        await using var running = await RunningServer.StartAsync();
        await Loops.AppendAsync(running, "{\"Name\":\"x\",\"Amount\":1}\n");
        var added = await RunAsync(
            running,
            ["subscriptions", "add", "hook", "events", receiver.Url, "--from", "start", "--header", "X-Team: ops"]);
        Assert.Equal(0, added.Code);
        await Loops.UntilAsync(() => Task.FromResult(receiver.Taken.Count == 1), "nothing was posted");

        var listed = (await RunAsync(running, ["subscriptions"])).Out;
        Assert.Contains("hook", listed, StringComparison.Ordinal);
        Assert.Contains(receiver.Url, listed, StringComparison.Ordinal);
        Assert.DoesNotContain("ops", listed, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync(running, ["subscriptions", "remove", "hook"])).Code);
        Assert.Empty(await running.Client.SubscriptionsAsync());
        var refused = await RunAsync(running, ["subscriptions", "remove", "hook"]);
        Assert.Equal(2, refused.Code);
        Assert.Contains("hook", refused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("jobs", "nope")]
    [InlineData("diff", "a@1")]
    [InlineData("switch")]
    [InlineData("nonsense")]
    [InlineData("read", "nope")]
    [InlineData("deploy", "./nothing/here")]
    public async Task A_failed_command_says_what_to_do_next_and_exits_with_2(params string[] args)
    {
        await using var running = await RunningServer.StartAsync();

        var (code, output, error) = await RunAsync(running, args);

        Assert.Equal(2, code);
        Assert.Empty(output);
        var lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("kappa: ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("  ", lines[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_server_the_error_says_how_to_start_one()
    {
        var terminal = Terminal(out _, out _, out var error);

        Assert.Equal(2,
            await Program.RunAsync(["jobs", "--data", RunningServer.TempFolder()], terminal, CancellationToken.None));

        Assert.Contains("kappa serve", error.ToString(), StringComparison.Ordinal);
    }

    private static async Task<string> ProgramAsync(RunningServer running, string name, string source)
    {
        var folder = Directory.CreateDirectory(Path.Combine(running.Folder, "state", "program-" + name)).FullName;
        var path = Path.Combine(folder, "Jobs.dll");
        await File.WriteAllBytesAsync(path, CompiledJobs.Compile(source));
        return path;
    }

    internal static async Task<(int Code, string Out, string Error)> RunAsync(
        RunningServer running, string[] args, string input = "")
    {
        var terminal = Terminal(out var bytes, out var text, out var error) with
        {
            In = new MemoryStream(Encoding.UTF8.GetBytes(input)),
        };
        var code = await Program.RunAsync([.. args, "--data", running.Folder], terminal, CancellationToken.None);
        return (code, text + Encoding.UTF8.GetString(bytes.ToArray()), error.ToString());
    }

    private static Terminal Terminal(out MemoryStream bytes, out StringWriter text, out StringWriter error)
    {
        bytes = new MemoryStream();
        text = new StringWriter { NewLine = "\n" };
        error = new StringWriter { NewLine = "\n" };
        return new Terminal(Stream.Null, text, bytes, error, IsInteractive: false, _ => null);
    }
}
