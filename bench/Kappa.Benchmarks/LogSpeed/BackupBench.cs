using System.Diagnostics;
using System.Globalization;
using Kappa.Log;

namespace Kappa.Benchmarks.LogSpeed;

/// <summary>A copy of an open log, verified and synced, beside cp and sync of the same files.</summary>
internal static class BackupBench
{
    public static async Task RunAsync(Disk disk)
    {
        var folder = disk.Fresh("backup");
        var from = Path.Combine(folder, "log");
        await using var log = await EmbeddedLog.OpenAsync(new LogOptions { Folder = from }, CancellationToken.None);
        await log.ChangeAsync(new CreateTopic(Appending.Topic), CancellationToken.None);
        await new Appending(1024, 2, 256 << 10, 16).RunAsync(log, disk.Bytes);
        var (ours, plain) = (new Spread(), new Spread());
        for (var run = 0; run <= disk.Runs; run++)
        {
            var watch = Stopwatch.StartNew();
            var copy = await log.CopyAsync(
                Path.Combine(folder, "copy"), _ => ValueTask.FromResult<Place?>(null), CancellationToken.None);
            var one = copy.Files.Sum(file => file.Bytes) / watch.Elapsed.TotalSeconds / 1e6;
            Directory.Delete(Path.Combine(folder, "copy"), recursive: true);
            watch.Restart();
            await Command.OutputAsync(
                "sh", "-c", "cp -r \"$0\" \"$1\" && sync -f \"$1\"", from, Path.Combine(folder, "cp"));
            var two = copy.Files.Sum(file => file.Bytes) / watch.Elapsed.TotalSeconds / 1e6;
            Directory.Delete(Path.Combine(folder, "cp"), recursive: true);
            if (run > 0)
            {
                ours.Add(one);
                plain.Add(two);
            }
        }

        Console.WriteLine("copy of a log, MB/s | cp and sync, MB/s | ratio");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{ours.Text("F0")} | {plain.Text("F0")} | {ours.Median / plain.Median:P0}"));
    }
}
