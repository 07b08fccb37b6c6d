using Kappa.Streams.Runtime;
using Kappa.Streams.Runtime.Fused;
using Xunit;

namespace Kappa.Streams.Tests;

/// <summary>A chain that runs as one loop leaves no trace of it (promise P2).</summary>
public sealed class FusedTests
{
    private static readonly Job[] Jobs =
    [
        Define("plain", readings => readings.KeyBy(reading => reading.Device), Window.Tumbling(Seconds(60))),
        Define("filtered", readings => readings
            .Where(reading => reading.Value > 20).Where(reading => reading.Seq % 7 != 2)
            .KeyBy(reading => reading.Device), Window.Tumbling(Seconds(10))),
        Define("mapped", readings => readings
            .Select(reading => reading with { Value = reading.Value / 3 })
            .Where(reading => reading.Value < 30)
            .Select(reading => reading with { Seq = reading.Seq + 1 })
            .KeyBy(reading => new Cell(reading.Device, reading.Value > 10)), Window.Tumbling(Seconds(30))),
        Define("behind", readings => readings
            .KeyBy(reading => reading.Seq % 11).Where(reading => reading.Value > 5)
            .Where(reading => reading.Value < 90),
            Window.Tumbling(Seconds(45)).Grace(Seconds(20))),
        Define("hopping", readings => readings.KeyBy(reading => reading.Seq % 5),
            Window.Hopping(Seconds(50), Seconds(15))),
        Define("cumulating", readings => readings.KeyBy(reading => reading.Device),
            Window.Cumulating(Seconds(60), Seconds(15))),
        Define("daily", readings => readings.KeyBy(reading => reading.Device),
            Window.Calendar(CalendarUnit.Day, "Europe/Madrid")),
        Define("failing", readings => readings
            .Where(reading => reading.Seq % 401 == 17 ? throw new InvalidOperationException("where") : true)
            .Select(reading => reading.Seq % 409 == 19 ? throw new InvalidOperationException("select") : reading)
            .KeyBy(reading => reading.Seq % 419 == 23 ? null! : reading.Device)
            .Where(reading => reading.Seq % 421 == 29 ? throw new InvalidOperationException("behind") : true),
            Window.Hopping(Seconds(40), Seconds(20))),
        Define("throwing", readings => readings
            .Where(reading => reading.Seq % 101 == 17 ? throw new InvalidOperationException("where") : true)
            .Select(reading => reading.Seq % 113 == 19 ? throw new InvalidOperationException("select") : reading)
            .KeyBy(reading => reading.Seq % 127 == 23 ? null! : reading.Device)
            .Where(reading => reading.Seq % 149 == 29 ? throw new InvalidOperationException("behind") : true),
            Window.Tumbling(Seconds(10)), lateness: 3),
        Define("recent", readings => readings
            .Where(reading => reading.At.Second % 20 < 12)
            .KeyBy(reading => reading.Device), Window.Tumbling(Seconds(15)), lateness: 2),
    ];

    public static TheoryData<string> Names => [.. Jobs.Select(job => job.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Tables_are_those_of_the_general_way_T5_T7_O2_O6(string name)
    {
        var job = Jobs.Single(job => job.Name == name);
        for (var seed = 1; seed <= 8; seed++)
        {
            var sequence = Sequence.Random(seed, 2500, 1 + (seed % 3), complete: seed % 2 == 0, batchMax: seed * 9);
            var expected = Machine.Straight(job, sequence).Digest();
            var random = new Random(seed);
            for (var schedule = 0; schedule < 6; schedule++)
            {
                var got = Machine.Run(
                    job, sequence, 1 + (schedule % 3), () => random.Next(1, 60),
                    schedule % 2 == 0 ? null : () => random.Next(4) == 0 ? random.Next(1, 4) : 0).Digest();

                Assert.True(expected == got, $"{name} seed {seed} schedule {schedule}:\n{Difference(expected, got)}");
            }

            Assert.Contains(name, expected, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void These_chains_do_run_as_one_loop(string name)
    {
        var machine = new JobMachine(Jobs.Single(job => job.Name == name).Build(), 1);

        Assert.StartsWith("FusedSegment", machine.Sources.Single().GetType().Name, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lambda_is_emitted_whether_it_captures_or_not()
    {
        var limit = 3;
        Func<int, bool> captures = number => number > limit, plain = number => number > 3;
        Func<int, bool> method = IsLarge, composed = System.Linq.Expressions.Expression.Lambda<Func<int, bool>>(
            System.Linq.Expressions.Expression.Constant(true),
            System.Linq.Expressions.Expression.Parameter(typeof(int))).Compile();
        var thunks = new Thunks([captures, plain, method, composed]);

        foreach (var lambda in new[] { captures, plain, method })
        {
            var thunk = (IFunction<int, bool>)thunks.Function(lambda);
            Assert.StartsWith("Thunk", thunk.GetType().Name, StringComparison.Ordinal);
            for (var number = 0; number < 6; number++)
            {
                var value = number;
                Assert.Equal(number > 3, thunk.Invoke(ref value));
            }
        }

        var called = (IFunction<int, bool>)thunks.Function(composed);
        var one = 1;
        Assert.True(called.Invoke(ref one));
    }

    [Fact]
    public void Events_read_in_place_give_the_same_tables_O6()
    {
        var job = Job.Define("places", flow => flow
            .From("ticks", tick => new DateTimeOffset(tick.At, default), Seconds(10), codec: Codec.Binary<Tick>())
            .Where(tick => tick.Value >= 10)
            .Where(tick => tick.Number % 97 == 5 ? throw new InvalidOperationException("where") : true)
            .KeyBy(tick => tick.Name)
            .Window(Window.Tumbling(Seconds(30)))
            .Aggregate(0d, (sum, tick) => (sum * 0.999) + tick.Value)
            .ToTable("places"));
        for (var seed = 1; seed <= 6; seed++)
        {
            var random = new Random(seed);
            var sequence = new Sequence();
            var logTime = Sequence.Origin.AddDays(1).UtcTicks;
            for (var batch = 0; batch < 60; batch++)
            {
                var values = Enumerable.Range(0, random.Next(1, 50)).Select(_ => Encoded(random, batch)).ToList();
                if (random.Next(12) == 0)
                {
                    values.Add([1, 2, 3]);
                }

                sequence.AddRaw("ticks", random.Next(2), logTime += 1000, values);
            }

            var expected = Machine.Straight(job, sequence).Digest();
            Assert.Contains("places ", expected, StringComparison.Ordinal);
            Assert.Contains("places.dead ", expected, StringComparison.Ordinal);
            foreach (var workers in new[] { 1, 2, 3 })
            {
                Assert.Equal(expected, Machine.Run(job, sequence, workers, () => random.Next(1, 30)).Digest());
            }
        }
    }

    private static byte[] Encoded(Random random, int batch)
    {
        var into = new System.Buffers.ArrayBufferWriter<byte>();
        var time = Sequence.Origin.AddSeconds((batch * 3) + random.Next(-8, 3) - (random.Next(30) == 0 ? 60 : 0));
        Codec.Binary<Tick>().Write(
            new Tick(time.Ticks, random.NextDouble() * 100, random.Next(200), Text16.Of("n" + random.Next(7))), into);
        return into.WrittenSpan.ToArray();
    }

    /// <summary>Read in place: its bytes are those in memory.</summary>
    private readonly record struct Tick(long At, double Value, long Number, Text16 Name);

    private static bool IsLarge(int number) => number > 3;

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);

    private static Job Define<TKey>(
        string name, Func<EventStream<Reading>, KeyedStream<TKey, Reading>> keyed, Window window,
        int lateness = 20)
        where TKey : notnull =>
        Job.Define(name, flow => keyed(flow.From<Reading>(
                "readings", reading => reading.At, Seconds(lateness), maxAhead: TimeSpan.FromDays(3650)))
            .Window(window)
            .Aggregate(
                (Total?)Total.None,
                (total, reading) => reading.Seq % 431 == 31 ? throw new InvalidOperationException("fold")
                    : reading.Seq % 37 == 5 ? null : total!.Add(reading))
            .ToTable(name));

    private static string Difference(string expected, string got) => string.Join('\n',
        expected.Split('\n').Except(got.Split('\n')).Take(3).Select(line => "- " + line)
            .Concat(got.Split('\n').Except(expected.Split('\n')).Take(3).Select(line => "+ " + line)));
}
