using System.Globalization;
using Xunit;

namespace Kappa.Streams.Tests.Windows;

/// <summary>
/// Results that Apache Flink (Apache-2.0) publishes of its window operators: the data is
/// <c>TestData.windowDataWithTimestamp</c>, the results are those of <c>WindowAggregateITCase</c>,
/// <c>GroupWindowAggregateJsonITCase</c> and <c>GroupWindowITCase</c> of flink-table-planner, with their times as UTC.
/// There a watermark at a window's last millisecond closes it, here one at its end (rule T4).
/// </summary>
public sealed class FlinkWindowTests
{
    private static readonly Bid[] Bids =
    [
        new("00:00:01", 1, 1.11m, "Hi", "a"), new("00:00:02", 2, 2.22m, "Comment#1", "a"),
        new("00:00:03", 2, 2.22m, "Comment#1", "a"), new("00:00:04", 5, 5.55m, null, "a"),
        new("00:00:07", 3, null, "Hello", "b"), new("00:00:06", 6, 6.66m, "Hi", "b"),
        new("00:00:08", 3, 3.33m, "Comment#2", "a"), new("00:00:04", 5, 5.55m, "Hi", "a"),
        new("00:00:16", 4, 4.44m, "Hi", "b"), new("00:00:32", 7, 7.77m, null, null),
        new("00:00:34", 1, 3.33m, "Comment#3", "b"),
    ];

    private static readonly Aggregation<
        Bid, ((long, long), (decimal, System.Collections.Immutable.ImmutableHashSet<string>)), Counted> Counts =
        Aggregate.Of(
            Aggregate.Count<Bid>(), Aggregate.Sum((Bid bid) => (long)bid.Number),
            Aggregate.Sum((Bid bid) => bid.Amount ?? 0), Aggregate.DistinctCount((Bid bid) => bid.Text!),
            (count, numbers, amount, texts) => new Counted(count, numbers, amount, texts));

    [Fact]
    public void Tumbling_windows_are_those_of_testEventTimeTumbleWindow_O1()
    {
        Assert.Equal(
            [
                "a,00:00:00,00:00:05,4,11.10,2", "a,00:00:05,00:00:10,1,3.33,1", "b,00:00:05,00:00:10,2,6.66,2",
                "b,00:00:15,00:00:20,1,4.44,1", "b,00:00:30,00:00:35,1,3.33,1", "null,00:00:30,00:00:35,1,7.77,0",
            ],
            ByName(Window.Tumbling(TimeSpan.FromSeconds(5))));
    }

    [Fact]
    public void Windows_without_a_key_are_those_of_testTumbleWindowGroupOnWindowOnly_O1()
    {
        var rows = Run(flow => Source(flow).Window(Window.Tumbling(TimeSpan.FromSeconds(5)))
            .Aggregate(Counts).ToTable("t"));

        Assert.Equal(
            [
                "00:00:00,00:00:05,4,11.10,2", "00:00:05,00:00:10,3,9.99,3", "00:00:15,00:00:20,1,4.44,1",
                "00:00:30,00:00:35,2,11.10,1",
            ],
            rows.Select(row => $"{Clock(row[0])},{Clock(row[1])},{row[2]},{Amount(row[4])},{row[5]}")
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Hopping_windows_are_those_of_testEventTimeHopWindow_O1_T5()
    {
        Assert.Equal(
            [
                "a,00:00:00,00:00:10,6,19.98,3", "a,00:00:05,00:00:15,1,3.33,1", "a,23:59:55,00:00:05,4,11.10,2",
                "b,00:00:00,00:00:10,2,6.66,2", "b,00:00:05,00:00:15,2,6.66,2", "b,00:00:10,00:00:20,1,4.44,1",
                "b,00:00:15,00:00:25,1,4.44,1", "b,00:00:25,00:00:35,1,3.33,1", "b,00:00:30,00:00:40,1,3.33,1",
                "null,00:00:25,00:00:35,1,7.77,0", "null,00:00:30,00:00:40,1,7.77,0",
            ],
            ByName(Window.Hopping(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5))));
    }

    [Fact]
    public void Cumulating_windows_are_those_of_testEventTimeCumulateWindow_O1_T5()
    {
        Assert.Equal(
            [
                "a,00:00:00,00:00:05,4,11.10,2", "a,00:00:00,00:00:10,6,19.98,3", "a,00:00:00,00:00:15,6,19.98,3",
                "b,00:00:00,00:00:10,2,6.66,2", "b,00:00:00,00:00:15,2,6.66,2", "b,00:00:15,00:00:20,1,4.44,1",
                "b,00:00:15,00:00:25,1,4.44,1", "b,00:00:15,00:00:30,1,4.44,1", "b,00:00:30,00:00:35,1,3.33,1",
                "b,00:00:30,00:00:40,1,3.33,1", "b,00:00:30,00:00:45,1,3.33,1", "null,00:00:30,00:00:35,1,7.77,0",
                "null,00:00:30,00:00:40,1,7.77,0", "null,00:00:30,00:00:45,1,7.77,0",
            ],
            ByName(Window.Cumulating(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(5))));
    }

    [Fact]
    public void Sessions_are_those_of_the_group_window_plan_O1_T5()
    {
        // Flink closes a session at last + gap − 1 ms, Kappa beyond last + gap: a watermark a millisecond further on.
        var rows = ByName(Window.Session(TimeSpan.FromSeconds(3)), TimeSpan.FromMilliseconds(999));

        Assert.Equal(
            ["a,1", "a,4", "b,1", "b,1", "b,2", "null,1"],
            rows.Select(row => row.Split(',')).Select(row => $"{row[0]},{row[3]}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Sessions_that_merge_are_those_of_testEventTimeSessionWindow_O1_T9()
    {
        (int Milliseconds, string Text, string Name)[] events =
        [
            (1, "Hello", "a"), (2, "Hello", "b"), (8, "Hello", "a"), (9, "Hello World", "b"), (4, "Hello", "c"),
            (16, "Hello", "d"),
        ];
        var sequence = Fixed.OfAny("bids", true, [.. events.Select(one => new Bid(
            FormattableString.Invariant($"00:00:00.{one.Milliseconds:000}"), one.Milliseconds, null, one.Name,
                one.Text))]);
        var rows = Run(
            flow => Source(flow, TimeSpan.FromMilliseconds(10)).KeyBy(bid => new Named(bid.Name))
                .Window(Window.Session(TimeSpan.FromMilliseconds(5))).Aggregate(Counts).ToTable("t"),
            sequence);

        // Text, start, end, count, sum and number of different names; Flink's row time is the end − 1 ms.
        Assert.Equal(
            ["Hello World,009,014,1,9,1", "Hello,001,013,4,15,3", "Hello,016,021,1,16,1"],
            rows.Select(row => string.Create(CultureInfo.InvariantCulture,
                $"{row[0]},{row[1]:fff},{row[2]:fff},{row[3]},{row[4]},{row[6]}")).Order(StringComparer.Ordinal));
    }

    private static EventStream<Bid> Source(Flow flow, TimeSpan? lateness = null) => flow.From<Bid>(
        "bids", eventTime: bid => DateTimeOffset.Parse("2020-10-10T" + bid.Ts + "Z", CultureInfo.InvariantCulture),
        lateness: lateness ?? TimeSpan.FromSeconds(1));

    private static IEnumerable<string> ByName(Window window, TimeSpan? lateness = null) =>
        Run(flow => Source(flow, lateness).KeyBy(bid => new Named(bid.Name)).Window(window)
            .Aggregate(Counts).ToTable("t"))
        .Select(row => $"{row[0] ?? "null"},{Clock(row[1])},{Clock(row[2])},{row[3]},{Amount(row[5])},{row[6]}")
        .Order(StringComparer.Ordinal);

    private static List<object?[]> Run(Action<Flow> define, Sequence? sequence = null)
    {
        var rows = Machine.Run(
            Job.Define("flink", define), sequence ?? Fixed.OfAny("bids", true, Bids), 2, () => 3).Rows("t");
        Assert.All(rows, row => Assert.Equal(true, row[^1]));
        return rows;
    }

    private static string Clock(object? time) =>
        ((DateTimeOffset)time!).ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Amount(object? amount) => ((decimal)amount!).ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>A row of Flink's data: time, int, bigdec, string, name.</summary>
    public sealed record Bid(string Ts, int Number, decimal? Amount, string? Text, string? Name);

    /// <summary>Null is a value inside a record key.</summary>
    public sealed record Named(string? Name);

    public sealed record Counted(long Count, long Numbers, decimal Amount, long Texts);
}
