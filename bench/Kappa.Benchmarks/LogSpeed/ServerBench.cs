using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Kappa.Log;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using StackExchange.Redis;

namespace Kappa.Benchmarks.LogSpeed;

/// <summary>
/// The log beside servers of logs that Debian has, on loopback and the same disk: NATS JetStream and Redis streams.
/// Sixteen producers, a record a request, so many of them under way; then everything is read from the beginning.
/// </summary>
internal static class ServerBench
{
    private const int Producers = 16;
    private const int InFlight = 64;

    // Below the ports that the system gives to clients: one that asks before the server is there may get the same.
    private const int NatsPort = 14_522;
    private const int RedisPort = 16_379;

    public static async Task RunAsync(Disk disk)
    {
        Console.WriteLine(
            "16 producers x 64 under way | durable when answered | append k records/s | replay k records/s");
        foreach (var bytes in new[] { 100, 1024 })
        {
            var records = (int)Math.Min(disk.Bytes / 4 / bytes, 400_000) / Producers * Producers;
            await PrintAsync("Kappa, in this process", "yes", bytes, disk.Runs, () => KappaAsync(disk, bytes, records));
            if (Command.Exists("nats-server"))
            {
                await PrintAsync("NATS JetStream, as it comes", "no, each 2 min", bytes, disk.Runs, () =>
                    NatsAsync(disk, bytes, records, ""));
                if (await TakesSyncIntervalAsync(disk))
                {
                    await PrintAsync("NATS JetStream, sync_interval always", "yes", bytes, disk.Runs, () =>
                        NatsAsync(disk, bytes, records, "sync_interval: always"));
                }
                else
                {
                    Console.WriteLine("NATS JetStream, sync_interval always | this version has no such setting");
                }
            }
            else
            {
                Console.WriteLine("NATS JetStream | skipped: there is no nats-server");
            }

            foreach (var (sync, isDurable) in Command.Exists("redis-server")
                ? new[] { ("everysec", "no, each 1 s"), ("always", "yes") }
                : [])
            {
                await PrintAsync($"Redis stream, appendfsync {sync}", isDurable, bytes, disk.Runs, () =>
                    RedisAsync(disk, bytes, records, sync));
            }
        }

        if (!Command.Exists("redis-server"))
        {
            Console.WriteLine("Redis streams | skipped: there is no redis-server");
        }
    }

    private static async Task PrintAsync(
        string what, string isDurable, int bytes, int runs, Func<Task<(double Append, double Replay)>> once)
    {
        var (append, replay) = (new Spread(), new Spread());
        for (var run = 0; run < runs; run++)
        {
            var one = await once();
            append.Add(one.Append / 1e3);
            replay.Add(one.Replay / 1e3);
        }

        Console.WriteLine($"{what}, {bytes} B | {isDurable} | {append.Text("F0")} | {replay.Text("F0")}");
    }

    private static async Task<(double Append, double Replay)> KappaAsync(Disk disk, int bytes, int records)
    {
        await using var log = await EmbeddedLog.OpenAsync(
            new LogOptions { Folder = disk.Fresh("kappa") }, CancellationToken.None);
        await log.ChangeAsync(new CreateTopic(Appending.Topic), CancellationToken.None);
        var load = new Appending(bytes, Producers, 1, InFlight);
        var seconds = await load.RunAsync(log, (long)records * bytes);
        var watch = Stopwatch.StartNew();
        await using var sequence = log.Read([Appending.Topic], Place.Start);
        long seen = 0, values = 0;
        while (sequence.TryRead(out var batch))
        {
            if (batch.Topic == Appending.Topic)
            {
                foreach (var record in batch)
                {
                    seen++;
                    values += record.Value.Length;
                }
            }

            sequence.Return(batch);
        }

        return values == seen * bytes
            ? (seen / seconds, seen / watch.Elapsed.TotalSeconds)
            : throw new InvalidOperationException($"{seen} records were read");
    }

    private static async Task<(double Append, double Replay)> NatsAsync(
        Disk disk, int bytes, int records, string setting)
    {
        using var server = Command.Start("nats-server", "-c", await NatsFileAsync(disk, setting));
        try
        {
            await AnswersAsync(server, NatsPort);
            await using var nats = new NatsConnection(new NatsOpts
            {
                Url = string.Create(CultureInfo.InvariantCulture, $"nats://127.0.0.1:{NatsPort}"),
            });
            await nats.ConnectAsync();
            var js = new NatsJSContext(nats);
            await js.CreateStreamAsync(new StreamConfig("speed", ["speed"])
            {
                Storage = StreamConfigStorage.File,
            });
            var value = new byte[bytes];
            var seconds = await ProduceAsync(records, async () =>
            {
                await using var under = await js.PublishConcurrentAsync("speed", value);
                (await under.GetResponseAsync()).EnsureSuccess();
            });
            var watch = Stopwatch.StartNew();
            var consumer = await js.CreateOrderedConsumerAsync("speed");
            var seen = 0;
            await foreach (var message in consumer.ConsumeAsync<NatsMemoryOwner<byte>>(
                opts: new NatsJSConsumeOpts { MaxMsgs = 10_000 }))
            {
                message.Data.Dispose();
                if (++seen == records)
                {
                    break;
                }
            }

            return (records / seconds, seen / watch.Elapsed.TotalSeconds);
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync();
        }
    }

    private static async Task<(double Append, double Replay)> RedisAsync(
        Disk disk, int bytes, int records, string sync)
    {
        using var server = Command.Start(
            "redis-server", "--bind", "127.0.0.1", "--port",
            RedisPort.ToString(CultureInfo.InvariantCulture), "--dir", disk.Fresh("redis"), "--save", "",
            "--appendonly", "yes", "--appendfsync", sync);
        try
        {
            await AnswersAsync(server, RedisPort);
            await using var redis = await ConnectionMultiplexer.ConnectAsync(string.Create(
                CultureInfo.InvariantCulture, $"127.0.0.1:{RedisPort},connectTimeout=30000,asyncTimeout=60000"));
            var all = redis.GetDatabase();
            var value = new byte[bytes];
            var seconds = await ProduceAsync(records, async () => await all.StreamAddAsync("speed", "v", value));
            var watch = Stopwatch.StartNew();
            var seen = 0;
            RedisValue next = "-";
            while (await all.StreamRangeAsync("speed", next, "+", 5_000) is { Length: > 0 } some)
            {
                seen += some.Length;
                next = "(" + some[^1].Id;
            }

            return seen == records
                ? (records / seconds, seen / watch.Elapsed.TotalSeconds)
                : throw new InvalidOperationException($"{seen} records were read");
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync();
        }
    }

    private static async Task<double> ProduceAsync(int records, Func<Task> one)
    {
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Producers).Select(_ => Task.Run(async () =>
        {
            var underWay = new Queue<Task>();
            for (var i = 0; i < records / Producers; i++)
            {
                if (underWay.Count == InFlight)
                {
                    await underWay.Dequeue();
                }

                underWay.Enqueue(one());
            }

            await Task.WhenAll(underWay);
        })));
        return watch.Elapsed.TotalSeconds;
    }

    private static async Task<string> NatsFileAsync(Disk disk, string setting)
    {
        var path = Path.Combine(disk.Folder, "nats.conf");
        await File.WriteAllTextAsync(path, string.Create(
            CultureInfo.InvariantCulture,
            $"listen: \"127.0.0.1:{NatsPort}\"\njetstream {{ store_dir: \"{disk.Fresh("nats")}\"\n{setting} }}\n"));
        return path;
    }

    private static async Task<bool> TakesSyncIntervalAsync(Disk disk)
    {
        using var asked = Command.Start(
            "nats-server", "-t", "-c", await NatsFileAsync(disk, "sync_interval: always"));
        await asked.WaitForExitAsync();
        return asked.ExitCode == 0;
    }

    /// <summary>Waits until a server answers: its client would wait longer between two tries.</summary>
    private static async Task AnswersAsync(Process server, int port)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            if (server.HasExited)
            {
                throw new InvalidOperationException(
                    $"{server.StartInfo.FileName} has ended: {await server.StandardOutput.ReadToEndAsync()}");
            }

            try
            {
                using var asked = new TcpClient();
                await asked.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException) when (watch.Elapsed < TimeSpan.FromSeconds(30))
            {
                await Task.Delay(50);
            }
        }
    }
}
