using System.Diagnostics;
using System.Globalization;
using Xunit;
using Xunit.Abstractions;

namespace Kappa.Crash;

/// <summary>
/// Rule L2 on the real disk, with system calls of a real process that fail: what is acknowledged is there, what is not
/// is told, and nothing is there twice.
/// </summary>
public sealed class SystemCallTests(ITestOutputHelper output)
{
    private const int Requests = 30;
    private const string First = "topics/000003/0000/00000001.segment";
    private const string Second = "topics/000003/0000/00000002.segment";

    [SystemCallTheory]
    [InlineData("fdatasync", "EIO", "6", First)]
    [InlineData("fdatasync", "EIO", "6+1", First)]
    [InlineData("fdatasync", "ENOSPC", "9", First)]
    [InlineData("pwrite64", "EIO", "5", First)]
    [InlineData("pwrite64", "ENOSPC", "7", First)]
    [InlineData("pwrite64", "ENOSPC", "7+1", First)]
    [InlineData("openat", "EMFILE", "1", First)]
    [InlineData("openat", "EMFILE", "1+1", First)]
    [InlineData("openat", "EROFS", "1+1", First)]
    [InlineData("openat", "EACCES", "1", First)]
    [InlineData("openat", "EROFS", "1+1", "log.json.new")]
    [InlineData("openat", "EMFILE", "1+1", "log.json.new")]
    [InlineData("fsync", "EIO", "1", "topics/000003/0000")]
    [InlineData("fsync", "EIO", "1+1", "topics/000003/0000")]
    [InlineData("rename", "EIO", "1+1", "log.json.new")]
    [InlineData("fdatasync", "EIO", "1+1", First + "," + Second)]
    public async Task What_is_acknowledged_is_there_when_a_system_call_fails_L2(
        string call, string error, string when, string paths)
    {
        var folder = Path.Combine(Directory.CreateTempSubdirectory("kappa-calls-").FullName, "log");
        try
        {
            var (lines, injected) = await TraceAsync(folder, call, error, when, paths.Split(','));
            Assert.True(injected > 0, $"no {call} failed: the test does not test");
            var acked = lines.Where(line => line.StartsWith("acked ", StringComparison.Ordinal))
                .Select(line => line.Split(' ')).ToDictionary(
                    words => int.Parse(words[1], CultureInfo.InvariantCulture),
                    words => long.Parse(words[2], CultureInfo.InvariantCulture));
            var refused = lines.Where(line => line.StartsWith("refused ", StringComparison.Ordinal)).ToList();
            output.WriteLine(FormattableString.Invariant(
                $"{call} {error} {when}: {injected} failed, {acked.Count} acked, {refused.Count} refused"));
            if (lines.Contains("open"))
            {
                Assert.Equal(Requests, acked.Count + refused.Count);
            }
            else
            {
                Assert.Single(refused);
            }

            await CheckAsync(folder, acked);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);
        }
    }

    private static async Task CheckAsync(string folder, Dictionary<int, long> acked)
    {
        if (!File.Exists(Path.Combine(folder, "log.json")))
        {
            Assert.Empty(acked);
            return;
        }

        await using var log = await EmbeddedLog.OpenAsync(
            new LogOptions { Folder = folder }, CancellationToken.None);
        var contents = await Contents.ReadAsync(log);
        Assert.Null(contents.Wrong);
        var found = contents.Partitions.GetValueOrDefault((WriterProcess.Topic, 0)) ?? [];
        var ids = found.Select(record => Ledger.Parse(record.Value)!.Value.Id).ToList();
        Assert.Equal(ids.Distinct(), ids);
        Assert.All(acked, one => Assert.Equal(one.Key, ids[(int)one.Value]));
    }

    private static async Task<(List<string> Lines, int Injected)> TraceAsync(
        string folder, string call, string error, string when, string[] paths)
    {
        var trace = folder + ".trace";
        var start = new ProcessStartInfo("strace") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["-f", "-qq", "-o", trace, "-e", "trace=" + call, "-e",
            $"inject={call}:error={error}:when={when}", .. paths.SelectMany(path =>
                new[] { "-P", Path.Combine(folder, path) }),
            Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet",
            typeof(WriterProcess).Assembly.Location, "write", folder,
            Requests.ToString(CultureInfo.InvariantCulture)])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var lines = (await process.StandardOutput.ReadToEndAsync())
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).ToList();
        await process.WaitForExitAsync();
        Assert.True(lines.Count > 0, await errors);
        return (lines, (await File.ReadAllLinesAsync(trace)).Count(line => line.Contains("(INJECTED)")));
    }
}
