using Kappa.Streams.Fingerprints;
using Xunit;

namespace Kappa.Streams.Tests.Fingerprints;

/// <summary>A plan names nodes by what they do, not by numbers that shift (rule V2).</summary>
public sealed class TopologyExplanationTests
{
    private const string Old = """
        0 From() topic orders time True lateness 300000000 ahead 36000000000 [Order]
        1 KeyBy(0)  [String]
        2 Aggregate(1) table totals(key:Text|sum:Integer,mean:Double) index(sum) [Total]
        3 Where(0)  []
        4 KeyBy(3)  [Int32]
        5 Window.Aggregate(4) tumbling 36000000000 grace 0 table hours(key:Integer|n:Integer) [Count]
        revision 0
        """;

    [Fact]
    public void An_inserted_node_is_one_line_though_all_numbers_behind_it_shift() => Explains(
        """
        0 From() topic orders time True lateness 300000000 ahead 36000000000 [Order]
        1 KeyBy(0)  [String]
        2 InOrder(1)  [Order]
        3 Aggregate(2) table totals(key:Text|sum:Integer,mean:Double) index(sum) [Total]
        4 Where(0)  []
        5 KeyBy(4)  [Int32]
        6 Window.Aggregate(5) tumbling 36000000000 grace 0 table hours(key:Integer|n:Integer) [Count]
        revision 0
        """,
        "topology: InOrder added before Aggregate → totals");

    [Theory]
    [InlineData("lateness 300000000", "lateness 600000000", "topology: From orders: lateness 00:00:30 -> 00:01:00")]
    [InlineData(
        "tumbling 36000000000", "tumbling 9000000000",
        "topology: Window.Aggregate → hours: tumbling 01:00:00 -> 00:15:00")]
    [InlineData("sum:Integer", "sum:Decimal", "topology: table totals: column sum: Integer -> Decimal")]
    [InlineData(",mean:Double", "", "topology: table totals: column mean (Double) removed")]
    [InlineData("n:Integer", "n:Integer,most:Double", "topology: table hours: column most (Double) added")]
    [InlineData(
        "sum:Integer,mean:Double", "mean:Double,sum:Integer", "topology: table totals: the columns have another order")]
    [InlineData("key:Text|", "id:Text|", "topology: table totals: key column id (Text) added",
        "topology: table totals: key column key (Text) removed")]
    [InlineData(" index(sum)", "", "topology: table totals: index (sum) removed")]
    [InlineData("[Count]", "[Counts]", "topology: Window.Aggregate → hours: [Count] -> [Counts]")]
    [InlineData("revision 0", "revision 1", "topology: revision 0 -> 1")]
    [InlineData("Where(0)", "Where(1)", "topology: Where follows KeyBy String, no longer From orders")]
    [InlineData(
        "table hours(key:Integer|n:Integer)", "table days(key:Integer|n:Integer)",
        "topology: Window.Aggregate → days: table hours removed",
        "topology: Window.Aggregate → days: table days added")]
    public void A_changed_node_is_told_by_what_changed_in_it(string old, string now, params string[] lines)
    {
        Assert.Contains(old, Old, StringComparison.Ordinal);
        Explains(Old.Replace(old, now, StringComparison.Ordinal), lines);
    }

    [Fact]
    public void A_removed_node_is_named_with_what_stood_behind_it() => Explains(
        Old.Replace("3 Where(0)  []\n", "", StringComparison.Ordinal)
            .Replace("4 KeyBy(3)", "3 KeyBy(0)", StringComparison.Ordinal)
            .Replace("5 Window.Aggregate(4)", "4 Window.Aggregate(3)", StringComparison.Ordinal),
        "topology: Where removed before KeyBy Int32");

    [Fact]
    public void A_lambda_is_named_by_its_operator_and_keeps_its_name_when_others_come_before()
    {
        var plain = Of(flow => flow
            .From<Reading>("readings", reading => reading.At, TimeSpan.FromSeconds(1))
            .KeyBy(reading => reading.Device)
            .Aggregate(0.0, (sum, reading) => sum + reading.Value)
            .ToTable("levels"));
        var ordered = Of(flow => flow
            .From<Reading>("readings", reading => reading.At, TimeSpan.FromSeconds(1))
            .KeyBy(reading => reading.Device)
            .InOrder(then: reading => reading.Value)
            .Aggregate(0.0, (sum, reading) => sum + (reading.Value * 2))
            .ToTable("levels"));
        Assert.Equal(
            ["topology: InOrder added before Aggregate → levels", "Aggregate → levels: lambda changed"],
            Fingerprint.Explain(plain, ordered));
        Assert.Equal(
            ["topology: InOrder removed before Aggregate → levels", "Aggregate → levels: lambda changed"],
            Fingerprint.Explain(ordered, plain));
    }

    [Fact]
    public void Of_two_equal_lines_the_lambdas_tell_which_one_is_new()
    {
        var one = Of(flow => Table(flow.From<Reading>("readings").Where(reading => reading.Value > 1)));
        var two = Of(flow => Table(flow.From<Reading>("readings")
            .Where(reading => reading.Value < 9).Where(reading => reading.Value > 1)));
        Assert.Equal(["topology: Where added before Where"], Fingerprint.Explain(one, two));

        static void Table(EventStream<Reading> readings) => readings
            .KeyBy(reading => reading.Device)
            .Aggregate(0.0, (sum, reading) => sum + reading.Value)
            .ToTable("levels");
    }

    [Fact]
    public void The_nodes_of_lambdas_are_no_part_of_the_hash()
    {
        var job = Job.Define("levels", flow => flow
            .From<Reading>("readings", reading => reading.At, TimeSpan.FromSeconds(1))
            .KeyBy(reading => reading.Device)
            .Aggregate(0.0, (sum, reading) => sum + reading.Value)
            .ToTable("levels"));
        var input = Input(job);
        var named = Fingerprint.Of(input);
        Assert.Equal(Fingerprint.Of(input with { RootNodes = null }).Hash, named.Hash);
        Assert.Equal(3, named.Members.Count(member => member.Node is not null));
        Assert.Equal(named.Members, Fingerprint.FromJson(named.ToJson()).Members);
    }

    private static void Explains(string now, params string[] lines) =>
        Assert.Equal(lines, Fingerprint.Explain(Text(Old), Text(now)));

    private static Fingerprint Text(string topology)
    {
        Func<int, bool> foreign = int.IsEvenInteger;
        return Fingerprint.Of(new FingerprintInput(topology, [foreign], [], [], _ => false, 1));
    }

    private static Fingerprint Of(Action<Flow> define) => Fingerprint.Of(Input(Job.Define("levels", define)));

    private static FingerprintInput Input(Job job) => FingerprintInput.Of(
        job.Build(), assembly => assembly == typeof(TopologyExplanationTests).Assembly, 1);
}
