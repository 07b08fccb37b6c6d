using System.Diagnostics;
using System.Globalization;
using Kappa.Log;

namespace Kappa.Benchmarks;

/// <summary>
/// A replay out of the log, and of the same records out of an archive: one in a folder, read where it is, and one whose
/// segments are fetched first. Each with its hashes compared, as the first reader has it, and again, as the next.
/// </summary>
internal static class ArchiveBench
{
    public static async Task RunAsync(string folder, long events)
    {
        folder = Path.Combine(folder, "archive");
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        await using var log = await EmbeddedLog.OpenAsync(
            new LogOptions { Folder = Path.Combine(folder, "log"), SegmentBytesMax = 32 << 20 },
            CancellationToken.None);
        await Ticks.AppendAsync(log, events);
        await MeasureAsync("log", log, folder, events, runs: 4);
        var files = DiskFileSystem.ForThisPlatform();
        await using var mirrored = new Archive(new ArchiveFolder(Path.Combine(folder, "store"), files), "ticks");
        var mirror = new Mirror(log, mirrored, Guid.NewGuid(), heads => mirrored.Known = heads);
        var watch = Stopwatch.StartNew();
        await mirror.CopyAsync(CancellationToken.None);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"mirror: {mirror.Progress.Segments} segments, {mirror.Progress.Bytes >> 20} MiB copied, read back and "
            + $"compared at {mirror.Progress.Bytes / 1e6 / watch.Elapsed.TotalSeconds:F0} MB/s"));
        await MeasureAsync("log, again", log, folder, events, runs: 3);
        log.RemoveBefore("ticks", 0, mirror.Progress.Verified[0]);
        foreach (var isFar in new[] { false, true })
        {
            for (var fresh = 0; fresh < 3; fresh++)
            {
                await using var archive = new Archive(
                    new Renamed(
                        new ArchiveFolder(Path.Combine(folder, "store"), files), $"{isFar}-{fresh}", isFar),
                    "ticks");
                log.Attach(archive);
                var what = isFar ? "archive, fetched" : "archive, in place";
                await MeasureAsync(what + ", first", log, folder, events, runs: 1);
                await MeasureAsync(what + ", again", log, folder, events, runs: 2);
                log.Detach(archive);
            }
        }
    }

    private static async Task MeasureAsync(string what, EmbeddedLog log, string folder, long events, int runs)
    {
        for (var run = 0; run < runs; run++)
        {
            var result = await new Replay(log, folder).RunAsync(Jobs.Small);
            var isWhole = result.Records >= events;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{what}: {events / result.Seconds / 1e6:F1} M ev/s{(isWhole ? "" : " OF TOO FEW")}"));
        }
    }

    /// <summary>The same store under another name, so that nothing of it is known yet.</summary>
    private sealed class Renamed(IArchiveStore store, string name, bool isFar) : IArchiveStore
    {
        public string Name => name;

        public ValueTask<Stream?> ReadAsync(string name, CancellationToken cancel) => store.ReadAsync(name, cancel);

        public ValueTask WriteAsync(string name, Stream content, CancellationToken cancel) =>
            store.WriteAsync(name, content, cancel);

        public ValueTask<bool> CreateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancel) =>
            store.CreateAsync(name, content, cancel);

        public ValueTask DeleteAsync(string name, CancellationToken cancel) => store.DeleteAsync(name, cancel);

        public ValueTask<IReadOnlyList<string>> ListAsync(string folder, CancellationToken cancel) =>
            store.ListAsync(folder, cancel);

        public string? PathOf(string name) => isFar ? null : store.PathOf(name);

        public ValueTask DisposeAsync() => store.DisposeAsync();
    }
}
