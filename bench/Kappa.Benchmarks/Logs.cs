using System.Buffers;
using System.Globalization;
using Kappa.Log;
using Kappa.Streams;

namespace Kappa.Benchmarks;

/// <summary>Logs on disk with the events of the benchmarks, made once and used again.</summary>
internal static class Logs
{
    /// <summary>Records of a batch where several partitions take turns.</summary>
    private const int Interleaved = 16;

    public static Task<EmbeddedLog> MakeAsync(
        string folder, EventKind kind, long events, int partitions, string jsonFile)
    {
        folder = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{kind}-{events}-{partitions}"));
        return kind switch
        {
            EventKind.Names => MakeAsync(folder, "names", events, partitions, Codec.Binary<NamedTick>(), NamedOf),
            EventKind.Json => JsonAsync(folder, events, jsonFile, Codec.Json<JsonTick>()),
            EventKind.JsonAsBinary => JsonAsync(folder, events, jsonFile, Codec.Binary<JsonTick>()),
            EventKind.JsonTwins => TwinsAsync(folder, events, jsonFile),
            _ => MakeAsync(folder, "ticks", events, partitions, Codec.Binary<Tick>(), Ticks.Of),
        };
    }

    private static NamedTick NamedOf(long i)
    {
        var tick = Ticks.Of(i);
        return new NamedTick(tick.At, tick.Value, Text16.Of(Ticks.NameOf(tick.Medium)));
    }

    private static async Task<EmbeddedLog> JsonAsync(
        string folder, long events, string jsonFile, Codec<JsonTick> codec)
    {
        if (!File.Exists(jsonFile))
        {
            await using var lines = new FileStream(jsonFile, FileMode.Create);
            var buffer = new ArrayBufferWriter<byte>();
            for (long i = 0; i < events; i++)
            {
                Codec.Json<JsonTick>().Write(JsonOf(i), buffer);
                buffer.Write("\n"u8);
                if (buffer.WrittenCount > 1 << 20)
                {
                    await lines.WriteAsync(buffer.WrittenMemory);
                    buffer.ResetWrittenCount();
                }
            }

            await lines.WriteAsync(buffer.WrittenMemory);
        }

        return await MakeAsync(folder, "json", events, 1, codec, JsonOf);
    }

    /// <summary>The log of JSON with twins of all its segments: its topic is complete.</summary>
    private static async Task<EmbeddedLog> TwinsAsync(string folder, long events, string jsonFile)
    {
        var log = await JsonAsync(folder, events, jsonFile, Codec.Json<JsonTick>());
        foreach (var projection in Jobs.Json.Build().Project().All)
        {
            await log.ProjectAsync(projection, null, CancellationToken.None);
        }

        return log;
    }

    private static JsonTick JsonOf(long i)
    {
        var tick = Ticks.Of(i);
        return new JsonTick(
            tick.At, Text16.Of(Ticks.NameOf(tick.Medium)), tick.Small, tick.Medium, tick.Large, tick.Value,
            Text16.Of("celsius"), Text16.Of("ok"), Text16.Of("site-7"));
    }

    private static async Task<EmbeddedLog> MakeAsync<T>(
        string folder, string topic, long events, int partitions, Codec<T> codec, Func<long, T> make)
    {
        var isMade = File.Exists(folder + ".made");
        if (!isMade && Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        var log = await EmbeddedLog.OpenAsync(
            new LogOptions { Folder = folder, ProjectionFolder = folder + ".projections" }, CancellationToken.None);
        if (isMade)
        {
            return log;
        }

        await log.ChangeAsync(new CreateTopic(topic, partitions), CancellationToken.None);
        var perRequest = partitions == 1 ? 16_384 : Interleaved;
        var pending = new List<Task>();
        for (long at = 0; at < events;)
        {
            var buffer = new ArrayBufferWriter<byte>(perRequest * 48);
            var count = (int)Math.Min(perRequest, events - at);
            var ends = new int[count];
            for (var i = 0; i < count; i++)
            {
                codec.Write(make(at++), buffer);
                ends[i] = buffer.WrittenCount;
            }

            var bytes = buffer.WrittenMemory;
            pending.Add(log.AppendAsync(
                new AppendRequest(topic, [.. ends.Select((end, i) => new NewRecord(
                    null, bytes[(i == 0 ? 0 : ends[i - 1])..end]))]),
                CancellationToken.None).AsTask());
            if (pending.Count >= (partitions == 1 ? 1 : 4096))
            {
                await Task.WhenAll(pending);
                pending.Clear();
            }
        }

        await Task.WhenAll(pending);
        await log.ChangeAsync(new CompleteTopic(topic), CancellationToken.None);
        await File.WriteAllTextAsync(folder + ".made", "");
        return log;
    }
}
