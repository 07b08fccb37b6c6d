using System.Globalization;

namespace Kappa.Benchmarks.LogSpeed;

/// <summary>The speed table of the log: each figure beside its limit, or a peer, in the same run.</summary>
internal static class LogBench
{
    private static readonly (string Name, Func<Disk, Task> Run)[] Parts =
    [
        ("append", AppendBench.RunAsync),
        ("latency", LatencyBench.RunAsync),
        ("scan", ReplayBench.WarmAsync),
        ("cold", ReplayBench.ColdAsync),
        ("archive", disk => ArchiveBench.RunAsync(disk.Folder, disk.Bytes / 44)),
        ("open", OpenBench.RunAsync),
        ("seek", SeekBench.RunAsync),
        ("servers", ServerBench.RunAsync),
        ("backup", BackupBench.RunAsync),
    ];

    public static async Task RunAsync(IReadOnlyList<string> asked, string[] args)
    {
        string? Option(string name) => args.FirstOrDefault(
            arg => arg.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];
        if (asked is ["append-for-ever"])
        {
            await OpenBench.AppendForEverAsync(
                Option("--at")!, long.Parse(Option("--mib")!, CultureInfo.InvariantCulture) << 20);
        }

        var folder = Option("--folder") ?? Path.Combine(Path.GetTempPath(), "kappa-bench-log");
        Directory.CreateDirectory(folder);
        var disk = new Disk(
            folder,
            long.Parse(Option("--mib") ?? "1024", CultureInfo.InvariantCulture) << 20,
            int.Parse(Option("--runs") ?? "5", CultureInfo.InvariantCulture),
            TimeSpan.FromMilliseconds(double.Parse(Option("--linger") ?? "10", CultureInfo.InvariantCulture)));
        Console.WriteLine(await disk.HeaderAsync());
        try
        {
            if (asked is ["memory"])
            {
                await MemoryBench.RunAsync(
                    disk, double.Parse(Option("--minutes") ?? "10", CultureInfo.InvariantCulture));
                return;
            }

            foreach (var (name, run) in Parts.Where(part => asked.Count == 0 || asked.Contains(part.Name)))
            {
                Console.WriteLine($"-- {name}");
                await run(disk);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
