using Xunit;

namespace Kappa.Analyzers.Tests;

/// <summary>What the fixes write; what they write compiles and has no finding any more.</summary>
public sealed class FixTests
{
    [Theory]
    [InlineData("DateTimeOffset.UtcNow", "order.At")]
    [InlineData("DateTimeOffset.Now.AddDays(1)", "order.At.AddDays(1)")]
    [InlineData("DateTime.UtcNow /* now */ > DateTime.UnixEpoch",
        "order.At.UtcDateTime /* now */ > DateTime.UnixEpoch")]
    public Task The_clock_becomes_the_time_of_the_event(string before, string after) =>
        CheckAsync(Sources.Select(before), Sources.Select(after));

    [Fact]
    public Task The_clock_in_a_process_becomes_the_time_of_its_context()
    {
        const string Process = """
            public sealed class Reminding : Process<string, Order, long, string>
            {
                public override void OnRecord(
                    ProcessContext<string> reminding, string key, ref long state, Order order) =>
                    reminding.SetTimer(DateTimeOffset.UtcNow.AddMinutes(1));
            }
            """;
        return CheckAsync(
            Process, Process.Replace("DateTimeOffset.UtcNow", "reminding.EventTime", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Which_of_two_times_is_meant_only_the_author_knows()
    {
        var text = Sources.Select("order.Id").Replace(
            ".ToTable(\"sales\", _ => 0)",
            ".Select(id => (Begin: DateTimeOffset.UnixEpoch, End: DateTimeOffset.UnixEpoch)).Select(span => "
            + "DateTimeOffset.UtcNow).ToTable(\"sales\", _ => 0)",
            StringComparison.Ordinal);

        var (after, left) = await Fixes.ApplyAsync(text);

        Assert.Equal(text, after);
        Assert.Equal("KAPPA001", Assert.Single(left).Id);
    }

    [Theory]
    [InlineData(
        "new Dictionary<string, int>().First()",
        "(new Dictionary<string, int>()).OrderBy(pair => pair.Key, StringComparer.Ordinal).First()")]
    [InlineData(
        "Held.Map(order).Select(pair => pair.Value).ToList()",
        "Held.Map(order).OrderBy(pair => pair.Key).Select(pair => pair.Value).ToList()")]
    [InlineData("string.Join(\",\", Held.Map(order).Keys)", "string.Join(\",\", Held.Map(order).Keys.Order())")]
    [InlineData(
        "string.Join(\",\", Held.Names(order))", "string.Join(\",\", Held.Names(order).Order(StringComparer.Ordinal))")]
    public Task An_unordered_collection_gets_the_order_of_its_keys(string before, string after)
    {
        const string Held = """

            public static class Held
            {
                public static Dictionary<int, int> Map(Order order) => [];
                public static HashSet<string> Names(Order order) => [];
            }
            """;
        return CheckAsync(Sources.Select(before) + Held, Sources.Select(after) + Held);
    }

    [Fact]
    public Task A_loop_over_a_dictionary_gets_the_order_of_its_keys()
    {
        const string Loop = "Dictionary<int, int> map = []; foreach (var (_, one) in map) { return one; } return 0;";
        return CheckAsync(
            Sources.Statements(Loop),
            Sources.Statements(Loop.Replace("in map)", "in map.OrderBy(pair => pair.Key))", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(
        """
        .KeyBy(order => order.Id)
                .Aggregate(
        """,
        """
        .KeyBy(order => order.Id)
                .InOrder()
                .Aggregate(
        """)]
    [InlineData(
        ".KeyBy(order => order.Id).Aggregate(",
        ".KeyBy(order => order.Id).InOrder().Aggregate(")]
    [InlineData(
        """
        .KeyBy(order => order.Id)
                .Window(Window.Tumbling(TimeSpan.FromHours(1))) // an hour
                .Aggregate(
        """,
        """
        .KeyBy(order => order.Id)
                .InOrder()
                .Window(Window.Tumbling(TimeSpan.FromHours(1))) // an hour
                .Aggregate(
        """)]
    public Task InOrder_is_put_before_the_fold_and_its_window(string before, string after)
    {
        const string Job = """
            public static class Jobs
            {
                public static readonly Job Sales = Job.Define("sales", flow => flow
                    .From<Order>("orders", eventTime: order => order.At)
                    CHAINTotal.None, (total, order) => total with { Sum = (order.At - total.Last).TotalDays })
                    .ToTable("sales"));
            }
            """;
        return CheckAsync(
            Job.Replace("CHAIN", before, StringComparison.Ordinal),
            Job.Replace("CHAIN", after, StringComparison.Ordinal));
    }

    private static async Task CheckAsync(string before, string after)
    {
        var (text, left) = await Fixes.ApplyAsync(before);

        Assert.Equal(after, text);
        Assert.Empty(left);
        Assert.NotEmpty(await Sources.FindAsync(Sources.Compile(before)));
    }
}
