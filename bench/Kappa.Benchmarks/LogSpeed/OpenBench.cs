using System.Diagnostics;
using System.Globalization;
using Kappa.Log;

namespace Kappa.Benchmarks.LogSpeed;

/// <summary>
/// Opening a log whose process was killed by SIGKILL in the middle of its appends, with all of it in segments that are
/// not closed; cold and warm, each time out of a copy of what the kill left.
/// </summary>
internal static class OpenBench
{
    /// <summary>What the process that is killed does: appends for ever; says when so much is there.</summary>
    public static async Task AppendForEverAsync(string folder, long bytes)
    {
        await using var log = await EmbeddedLog.OpenAsync(
            new LogOptions { Folder = folder, SegmentBytesMax = 1 << 30 }, CancellationToken.None);
        await log.ChangeAsync(new CreateTopic(Appending.Topic, 2), CancellationToken.None);
        var load = new Appending(1024, 2, 256 << 10, 16);
        await load.RunAsync(log, bytes);
        Console.WriteLine("there");
        while (true)
        {
            await load.RunAsync(log, 16 << 20);
            await Task.Delay(50);
        }
    }

    public static async Task RunAsync(Disk disk)
    {
        var left = disk.Fresh("killed");
        string[] self = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? [typeof(OpenBench).Assembly.Location]
            : [];
        using (var appending = Command.Start(
            Environment.ProcessPath!,
            [.. self, "log", "append-for-ever", "--at=" + left,
                string.Create(CultureInfo.InvariantCulture, $"--mib={disk.Bytes >> 20}")]))
        {
            var line = "";
            while (line != "there")
            {
                line = await appending.StandardOutput.ReadLineAsync()
                    ?? throw new InvalidOperationException("The process that appends ended before it was killed.");
            }

            appending.Kill();
            await appending.WaitForExitAsync();
        }

        var bytes = Directory.EnumerateFiles(left, "*.segment", SearchOption.AllDirectories)
            .Sum(path => new FileInfo(path).Length);
        var how = "";
        Console.WriteLine($"open after SIGKILL, {bytes >> 20} MiB not closed | seconds | seconds per GiB");
        foreach (var isCold in new[] { true, false })
        {
            var seconds = new Spread();
            for (var run = 0; run < disk.Runs; run++)
            {
                var copy = disk.Fresh("copy");
                await Command.OutputAsync("cp", "-r", left + "/.", copy);
                if (isCold)
                {
                    how = RawDisk.Forget(copy);
                }

                var watch = Stopwatch.StartNew();
                await using var log = await EmbeddedLog.OpenAsync(
                    new LogOptions { Folder = copy, SegmentBytesMax = 1 << 30 }, CancellationToken.None);
                seconds.Add(watch.Elapsed.TotalSeconds);
            }

            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{(isCold ? $"cold ({how})" : "warm")} | {seconds.Text("F2")} | "
                + $"{seconds.Median / bytes * (1 << 30):F2}"));
        }
    }
}
