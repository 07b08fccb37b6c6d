using System.Buffers;
using System.Globalization;
using Kappa.Log;
using Kappa.Streams;

namespace Kappa.Benchmarks;

/// <summary>Logs on disk with the events of the benchmarks, made once and used again.</summary>
internal static class Logs
{
    public static Task<EmbeddedLog> TicksAsync(string folder, long events) =>
        MakeAsync(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"ticks-{events}")), "ticks", events,
            Codec.Binary<Tick>(), Ticks.Of);

    private static async Task<EmbeddedLog> MakeAsync<T>(
        string folder, string topic, long events, Codec<T> codec, Func<long, T> make)
    {
        var isMade = File.Exists(folder + ".made");
        if (!isMade && Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        var log = await EmbeddedLog.OpenAsync(new LogOptions { Folder = folder }, CancellationToken.None);
        if (isMade)
        {
            return log;
        }

        await log.ChangeAsync(new CreateTopic(topic, 1), CancellationToken.None);
        const int perRequest = 16_384;
        var buffer = new ArrayBufferWriter<byte>(1 << 20);
        for (long at = 0; at < events;)
        {
            buffer.ResetWrittenCount();
            var count = (int)Math.Min(perRequest, events - at);
            var ends = new int[count];
            for (var i = 0; i < count; i++)
            {
                codec.Write(make(at++), buffer);
                ends[i] = buffer.WrittenCount;
            }

            var bytes = buffer.WrittenMemory;
            await log.AppendAsync(
                new AppendRequest(topic, [.. ends.Select((end, i) => new NewRecord(
                    null, bytes[(i == 0 ? 0 : ends[i - 1])..end]))]),
                CancellationToken.None);
        }

        await log.ChangeAsync(new CompleteTopic(topic), CancellationToken.None);
        await File.WriteAllTextAsync(folder + ".made", "");
        return log;
    }
}
