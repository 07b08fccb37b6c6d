using System.Globalization;
using Kappa.Log;

namespace Kappa.Benchmarks.LogSpeed;

/// <summary>Appends of full producers, beside fio's writes of as many bytes, in turns.</summary>
internal static class AppendBench
{
    private static Appending[] NewLoads() =>
    [
        new(100, 1, 256 << 10, 32),
        new(100, 16, 256 << 10, 4),
        new(1024, 1, 256 << 10, 32),
        new(1024, 16, 256 << 10, 4),
        new(100, 16, 16 << 10, 5),
        new(1024, 16, 16 << 10, 5),
    ];

    public static async Task RunAsync(Disk disk)
    {
        var direct = new Spread();
        var deep = new Spread();
        var loads = NewLoads();
        var speeds = loads.Select(_ => new Spread()).ToArray();
        for (var run = 0; run <= disk.Runs; run++)
        {
            if (Fio.IsThere && run > 0)
            {
                direct.Add(await Fio.WriteAsync(disk.Folder, disk.Bytes, depth: 1));
                deep.Add(await Fio.WriteAsync(disk.Folder, disk.Bytes, depth: 8));
            }

            for (var i = 0; i < loads.Length; i++)
            {
                var speed = await OnceAsync(disk, NewLoads()[i], run == 0 ? disk.Bytes / 4 : disk.Bytes);
                if (run > 0)
                {
                    speeds[i].Add(speed);
                }
            }
        }

        if (Fio.IsThere)
        {
            Console.WriteLine($"fio, one write at once: {direct.Text("F0")} MB/s; eight: {deep.Text("F0")} MB/s");
        }

        Console.WriteLine("append (record, producers, request x under way) | MB/s | k records/s | of fio");
        for (var i = 0; i < loads.Length; i++)
        {
            var limit = direct.Count == 0 ? 0 : Math.Max(direct.Median, deep.Median);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{loads[i].Name} | {speeds[i].Text("F0")} | {speeds[i].Median * 1e3 / loads[i].RecordBytes:F0} | "
                + $"{(limit > 0 ? $"{speeds[i].Median / limit:P0}" : "no fio")}"));
        }
    }

    private static async Task<double> OnceAsync(Disk disk, Appending load, long bytes)
    {
        var folder = disk.Fresh("append");
        await using (var log = await EmbeddedLog.OpenAsync(
            new LogOptions { Folder = folder, LingerMax = disk.Linger }, CancellationToken.None))
        {
            await log.ChangeAsync(new CreateTopic(Appending.Topic), CancellationToken.None);
            var seconds = await load.RunAsync(log, bytes);
            return load.BytesOf(bytes) / seconds / 1e6;
        }
    }
}
