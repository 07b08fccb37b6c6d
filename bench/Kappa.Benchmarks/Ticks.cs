using System.Buffers;
using Kappa.Log;
using Kappa.Streams;

namespace Kappa.Benchmarks;

/// <summary>An event of 40 bytes; three keys of different numbers of values.</summary>
internal readonly record struct Tick(
    long At, double Value, int Small, int Medium, int Large, int Site, long Serial);

/// <summary>An event of 32 bytes with a short text as its key.</summary>
internal readonly record struct NamedTick(long At, double Value, Streams.Text16 Name);

/// <summary>An event as JSON has it.</summary>
internal readonly record struct JsonTick(
    long Ts, Streams.Text16 Device, int K1, int K2, int K3, double Value, Streams.Text16 Unit, Streams.Text16 Status,
    Streams.Text16 Site);

/// <summary>
/// The events of all benchmarks, by a formula that C# and SQL compute alike: 12 µs apart, 6 % up to a second late,
/// uniform keys, values from 0 to 99.99.
/// </summary>
internal static class Ticks
{
    public const int SmallKeys = 1_000;
    public const int MediumKeys = 100_000;
    public const int LargeKeys = 1_000_000;

    /// <summary>2025-01-01 as .NET ticks.</summary>
    public const long Origin = 638_712_864_000_000_000;

    public static readonly string Sql = $"""
        select {Origin} + (i * 12 - case when z3 % 100 < 6 then z2 % 1000000 else 0 end) * 10 as "at",
            (z1 % 10000) / 100.0::double as value, (x3 % {SmallKeys})::int as small, (x3 % {MediumKeys})::int as medium,
            (x3 % {LargeKeys})::int as large, i
        from (select *, xor(y3, y3 >> 12) & 4294967295 as z3 from
            (select *, (z2 * 1540483477 + 977) & 4294967295 as y3 from
            (select *, xor(y2, y2 >> 14) & 4294967295 as z2 from
            (select *, (z1 * 1540483477 + 331) & 4294967295 as y2 from
            (select *, xor(y1, y1 >> 15) & 4294967295 as z1 from
            (select *, (x3 * 1540483477 + 12345) & 4294967295 as y1 from
            (select *, xor(x2, x2 >> 13) & 4294967295 as x3 from
            (select *, (xor(x0, x0 >> 15) * 1540483477) & 4294967295 as x2 from
            (select i, (i * 2654435761) & 4294967295 as x0 from range(EVENTS) r(i))))))))))
        """;

    public static Tick Of(long i)
    {
        const long mask = 0xFFFF_FFFF;
        var x0 = (i * 2_654_435_761) & mask;
        var x2 = ((x0 ^ (x0 >> 15)) * 1_540_483_477) & mask;
        var x3 = x2 ^ (x2 >> 13);
        var y1 = ((x3 * 1_540_483_477) + 12_345) & mask;
        var z1 = y1 ^ (y1 >> 15);
        var y2 = ((z1 * 1_540_483_477) + 331) & mask;
        var z2 = y2 ^ (y2 >> 14);
        var y3 = ((z2 * 1_540_483_477) + 977) & mask;
        var z3 = y3 ^ (y3 >> 12);
        var at = Origin + (((i * 12) - (z3 % 100 < 6 ? z2 % 1_000_000 : 0)) * 10);
        return new Tick(
            at, z1 % 10_000 / 100.0, (int)(x3 % SmallKeys), (int)(x3 % MediumKeys), (int)(x3 % LargeKeys),
            (int)(z2 % 50), i);
    }

    /// <summary>Appends so many events to a new topic "ticks" of one partition.</summary>
    public static async Task AppendAsync(EmbeddedLog log, long events)
    {
        const int PerRequest = 8_192;
        var codec = Codec.Binary<Tick>();
        await log.ChangeAsync(new CreateTopic("ticks"), CancellationToken.None);
        var underWay = new Queue<Task>();
        for (long at = 0; at < events;)
        {
            var buffer = new ArrayBufferWriter<byte>(PerRequest * 48);
            var ends = new int[(int)Math.Min(PerRequest, events - at)];
            for (var i = 0; i < ends.Length; i++)
            {
                codec.Write(Of(at++), buffer);
                ends[i] = buffer.WrittenCount;
            }

            var bytes = buffer.WrittenMemory;
            underWay.Enqueue(log.AppendAsync(
                new AppendRequest("ticks", [.. ends.Select((end, i) => new NewRecord(
                    null, bytes[(i == 0 ? 0 : ends[i - 1])..end]))]),
                CancellationToken.None).AsTask());
            if (underWay.Count > 8)
            {
                await underWay.Dequeue();
            }
        }

        await Task.WhenAll(underWay);
    }

    public static string NameOf(int key) => FormattableString.Invariant($"sensor-{key:D8}");
}
