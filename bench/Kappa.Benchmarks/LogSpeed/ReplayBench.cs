using System.Diagnostics;
using System.Globalization;
using Kappa.Log;

namespace Kappa.Benchmarks.LogSpeed;

/// <summary>
/// Reading: raw batches in place out of the page cache, beside plain reads of the same files; and the same cold,
/// without and with a job, beside fio's reads of the same file.
/// </summary>
internal static class ReplayBench
{
    public static async Task WarmAsync(Disk disk)
    {
        Console.WriteLine("warm scan | batches MB/s | M records/s | each record MB/s | M records/s | plain reads MB/s");
        foreach (var bytes in new[] { 100, 1024 })
        {
            var folder = disk.Fresh("scan");
            await using var log = await EmbeddedLog.OpenAsync(
                new LogOptions { Folder = folder }, CancellationToken.None);
            await log.ChangeAsync(new CreateTopic(Appending.Topic), CancellationToken.None);
            await new Appending(bytes, 2, 256 << 10, 16).RunAsync(log, disk.Bytes);
            var (batches, records, plain) = (new Spread(), new Spread(), new Spread());
            for (var run = 0; run <= disk.Runs; run++)
            {
                var one = ReadAll(folder);
                var two = await ScanAsync(log, [Appending.Topic], isEach: false);
                var three = await ScanAsync(log, [Appending.Topic], isEach: true);
                if (run > 0)
                {
                    plain.Add(one);
                    batches.Add(two.Speed);
                    records.Add(three.Speed);
                }
            }

            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{bytes} B | {batches.Text("F0")} | {batches.Median / (bytes + 4):F1} | {records.Text("F0")} | "
                + $"{records.Median / (bytes + 4):F1} | {plain.Text("F0")}"));
        }
    }

    public static async Task ColdAsync(Disk disk)
    {
        var folder = disk.Fresh("cold");
        var events = disk.Bytes / 44;
        await using var log = await EmbeddedLog.OpenAsync(
            new LogOptions { Folder = Path.Combine(folder, "log"), SegmentBytesMax = 1 << 30 }, CancellationToken.None);
        await Ticks.AppendAsync(log, events);
        var file = Directory.EnumerateFiles(folder, "*.segment", SearchOption.AllDirectories)
            .MaxBy(path => new FileInfo(path).Length)!;
        var size = new FileInfo(file).Length;
        var (direct, buffered, reader, job) = (new Spread(), new Spread(), new Spread(), new Spread());
        var fromDisk = new Spread();
        var how = "";
        for (var run = 0; run <= disk.Runs; run++)
        {
            if (Fio.IsThere && run > 0)
            {
                direct.Add(await Fio.ReadAsync(file, isDirect: true));
                buffered.Add(await Fio.ReadAsync(file, isDirect: false));
            }

            how = RawDisk.Forget(folder);
            var before = RawDisk.BytesRead();
            var read = await ScanAsync(log, ["ticks"], isEach: false);
            fromDisk.Add((RawDisk.BytesRead() - before) / (double)size);
            RawDisk.Forget(folder);
            var result = await new Replay(log, disk.Fresh("state")).RunAsync(Jobs.Small);
            if (run > 0)
            {
                reader.Add(read.Speed);
                job.Add(size / result.Seconds / 1e6);
            }
        }

        var limit = direct.Count == 0 ? 0 : Math.Max(direct.Median, buffered.Median);
        Console.WriteLine($"cold ({how}), {size >> 20} MiB of events of 40 B, MB/s | of fio on the same file");
        Console.WriteLine($"of the reader's bytes came from the disk: {fromDisk.Lowest:P0}");
        if (limit > 0)
        {
            Console.WriteLine($"fio, O_DIRECT, eight at once: {direct.Text("F0")}; buffered: {buffered.Text("F0")}");
        }

        foreach (var (what, speed) in new[] { ("reader alone", reader), ("filter and count", job) })
        {
            Console.WriteLine($"{what} | {speed.Text("F0")} | {(limit > 0 ? $"{speed.Median / limit:P0}" : "no fio")}");
        }
    }

    private static async Task<(double Speed, long Records)> ScanAsync(
        EmbeddedLog log, IReadOnlyList<string> topics, bool isEach)
    {
        var watch = Stopwatch.StartNew();
        await using var sequence = log.Read(topics, Place.Start);
        long bytes = 0, records = 0, values = 0;
        while (sequence.TryRead(out var batch))
        {
            bytes += batch.EncodedRecords.Length;
            records += batch.Count;
            if (isEach)
            {
                foreach (var record in batch)
                {
                    values += record.Value.Length + record.Value[0];
                }
            }

            sequence.Return(batch);
        }

        var speed = bytes / watch.Elapsed.TotalSeconds / 1e6;
        return isEach && values == 0 ? throw new InvalidOperationException("nothing was read") : (speed, records);
    }

    /// <summary>Plain reads of the segments, in the pieces the log reads.</summary>
    private static double ReadAll(string folder)
    {
        var watch = Stopwatch.StartNew();
        var piece = new byte[256 << 10];
        var bytes = 0L;
        foreach (var path in Directory.EnumerateFiles(folder, "*.segment", SearchOption.AllDirectories))
        {
            using var file = File.OpenHandle(path, share: FileShare.ReadWrite);
            var at = 0L;
            while (RandomAccess.Read(file, piece, at) is var read and > 0)
            {
                at += read;
            }

            bytes += at;
        }

        return bytes / watch.Elapsed.TotalSeconds / 1e6;
    }
}
