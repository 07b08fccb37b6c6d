using System.Text;
using Kappa.Golden.Tests.Rules;
using Kappa.Log;
using Kappa.Streams;
using Kappa.Streams.Patterns;
using Xunit;

namespace Kappa.Golden.Tests.BadInput;

/// <summary>
/// A wrong definition is refused when the job is built: job, operator, what, and what to write instead.
/// </summary>
public sealed class DefinitionTests
{
    private static readonly Dictionary<string, (Action<Flow> Define, string[] Says)> Wrong = new()
    {
        ["no source"] = (_ => { }, ["reads no topic", "flow.From<T>"]),
        ["no table"] = (flow => Examples.From(flow).Where(e => e.N > 0), ["writes no table", "ToTable"]),
        ["windows without event time"] = (
            flow => flow.From<Event>("e").KeyBy(e => e.Key).Window(Window.Tumbling(Examples.Minute))
                .Aggregate(0L, (count, _) => count + 1).ToTable("t"),
            ["2:Window.Aggregate", "topic 'e'", "without an event time", "eventTime:"]),
        ["mutable state"] = (
            flow => Examples.From(flow).KeyBy(e => e.Key)
                .Aggregate(new Counter(), (counter, _) => counter).ToTable("t"),
            ["2:Aggregate", "can change", "Counter.Count", "record"]),
        ["a list as state"] = (
            flow => Examples.From(flow).KeyBy(e => e.Key).Aggregate(new List<long>(), (list, _) => list).ToTable("t"),
            ["2:Aggregate", "can change", "ImmutableList"]),
        ["a state no file can hold"] = (
            flow => Examples.From(flow).KeyBy(e => e.Key).Aggregate(new Open(null), (open, _) => open).ToTable("t"),
            ["2:Aggregate", "Open.Value", "state file", "record"]),
        ["a process with mutable state"] = (
            flow => Examples.TraceOf(Examples.From(flow).KeyBy(e => e.Key).Process(new Keeper())),
            ["2:Process", "can change", "ImmutableList"]),
        ["values in order that no file can hold"] = (
            flow => Examples.From(flow).Select(e => new Open(e.N)).KeyBy(_ => "k").InOrder()
                .Aggregate(0L, (count, _) => count + 1).ToTable("t"),
            ["3:InOrder", "Open.Value", "System.Object", "state file", "records"]),
        ["joined values that no file can hold"] = (
            flow =>
            {
                var keyed = Examples.From(flow).KeyBy(e => e.Key);
                keyed.Join(Examples.From(flow).Select(e => new Later(() => e.N)).KeyBy(_ => "k"),
                    Interval.Within(Examples.Minute), (e, _) => e).ToTable("t", e => (e.Key, e.N));
            },
            ["6:Join", "Later.Of", "Func", "state file"]),
        ["a pattern over what may be of many types"] = (
            flow => Examples.From(flow).Select<Shape>(e => new Square(e.N)).KeyBy(_ => "k")
                .Detect(Step.Of<Shape>("s", _ => true).Within(Examples.Minute), (key, _) => key)
                .ToTable("t", key => key),
            ["3:InOrder", "Shape", "state file", "Select before it"]),
        ["rows looked up that no file can hold"] = (
            flow => Examples.From(flow).LookUp(
                Examples.From(flow).KeyBy(e => e.Key).Aggregate(new Aggregation<Event, long, Open>(
                    0, (count, _) => count + 1, count => new Open(count))), e => e.Key, (e, _) => e)
                .ToTable("t", e => (e.Key, e.N)),
            ["LookUp", "Open.Value", "state file"]),
        ["a key of JSON"] = (
            flow => Examples.From(flow).KeyBy(e => new Nested(new Nested(null, e.Key), "x"))
                .Aggregate(0L, (count, _) => count + 1).ToTable("t"),
            ["1:KeyBy", "'inner'", "simple type"]),
        ["a row key of JSON"] = (
            flow => Numbers(flow).ToTable("t", _ => new[] { "k" }), ["2:ToTable", "the key", "simple type"]),
        ["an index on an unknown column"] = (
            flow => Numbers(flow).ToTable("t", numbered => "k", table => table.Index("colour")),
            ["'t'", "'colour'", "Its columns are key, n"]),
        ["a negative lateness"] = (flow => Examples.From(flow, lateness: -1), ["topic 'e'", "-00:00:01", "0 or more"]),
        ["a negative maxAhead"] = (
            flow => Examples.From(flow, maxAhead: TimeSpan.FromSeconds(-1)), ["topic 'e'", "-00:00:01", "0 or more"]),
        ["a window of no size"] = (
            flow => Examples.From(flow).KeyBy(e => e.Key).Window(Window.Tumbling(TimeSpan.Zero)),
            ["behind 1:KeyBy", "00:00:00", "more than 0", "TimeSpan.FromMinutes(1)"]),
        ["a window of negative size"] = (_ => Window.Tumbling(-Examples.Minute), ["-00:01:00", "more than 0"]),
        ["a negative grace"] = (
            _ => Window.Tumbling(Examples.Minute).Grace(-Examples.Minute), ["-00:01:00", "0 or more"]),
        ["a negative within"] = (
            flow => Examples.From(flow).KeyBy(e => e.Key).Distinct(e => e.N, -Examples.Minute),
            ["the Distinct behind 1:KeyBy", "-00:01:00", "0 or more"]),
        ["a negative lateness in mid-stream"] = (
            flow => Examples.From(flow).EventTime(e => e.At, -Examples.Minute),
            ["the EventTime behind 0:From", "-00:01:00", "0 or more"]),
        ["a pattern without Within"] = (
            flow => Examples.From(flow).KeyBy(e => e.Key)
                .Detect(Step.Of<Event>("first", e => e.N > 0).FollowedBy(Step.Of<Event>("last", e => e.N < 0)),
                    (key, _) => key)
                .ToTable("t", key => key),
            ["the Detect behind 1:KeyBy", "'first >> last'", "no Within", "would stay for ever", "Within(time)"]),
        ["a join of all times without a limit"] = (
            flow => Joined(flow, () => Interval.Unbounded(0)),
            ["behind 1:KeyBy", "open interval keeps at most 0 rows per key", "1 and more", "10_000"]),
        ["a join of later times without a limit"] = (
            flow => Joined(flow, () => Interval.Since(Examples.Minute, -5)),
            ["behind 1:KeyBy", "open interval keeps at most -5 rows per key", "1 and more"]),
        ["an interval that holds nothing"] = (
            flow => Joined(flow, () => Interval.Between(Examples.Minute, -Examples.Minute)),
            ["behind 1:KeyBy", "from 00:01:00 to -00:01:00 holds nothing", "lower bound first"]),
        ["a join whose bounds may be nowhere"] = (
            flow =>
            {
                var keyed = Examples.From(flow).KeyBy(e => e.Key);
                keyed.Join(keyed, e => e.At, e => e.At, -Examples.Minute, (e, _) => e).ToTable("t", e => (e.Key, e.N));
            },
            ["the Join behind 1:KeyBy", "atMost", "-00:01:00", "0 or more"]),
        ["an outer join of all times"] = (
            flow =>
            {
                var keyed = Examples.From(flow).KeyBy(e => e.Key);
                keyed.LeftJoin(keyed, Interval.Unbounded(10), (e, _) => e).ToTable("t", e => (e.Key, e.N));
            },
            ["the LeftJoin behind 1:KeyBy", "open interval", "would never leave", "Interval.Between(from, to)"]),
        ["an outer join of both sides and all earlier times"] = (
            flow =>
            {
                var keyed = Examples.From(flow).KeyBy(e => e.Key);
                keyed.FullJoin(keyed, Interval.Until(Examples.Minute, 10), (e, _) => e)
                    .ToTable("t", e => (e!.Key, e.N));
            },
            ["the FullJoin behind 1:KeyBy", "open interval", "would never leave", "Interval.Between(from, to)"]),
        ["a join without event time"] = (
            flow =>
            {
                var keyed = flow.From<Event>("e").KeyBy(e => e.Key);
                keyed.Join(keyed, Interval.Within(Examples.Minute), (e, _) => e).ToTable("t", e => (e.Key, e.N));
            },
            ["3:Join", "topic 'e'", "without an event time", "eventTime:"]),
        ["a pattern without event time"] = (
            flow => flow.From<Event>("e").KeyBy(e => e.Key)
                .Detect(Step.Of<Event>("s", e => e.N > 0).Within(Examples.Minute), (key, _) => key)
                .ToTable("t", key => key),
            ["2:InOrder", "topic 'e'", "without an event time", "eventTime:"]),
        ["what it reads among what it writes"] = (
            flow =>
            {
                flow.From<Event>("f").ToTable("t", e => (e.Key, e.N));
                Examples.From(flow).Where(e => e.N > 0).ToTopic("f");
            },
            ["0:From reads topic 'f'", "4:ToTopic writes", "Give the output another name"]),
        ["two tables of one name"] = (
            flow =>
            {
                Numbers(flow).ToTable("t", _ => "k");
                Examples.From(flow).KeyBy(e => e.Key).Aggregate(0L, (count, _) => count + 1).ToTable("t");
            },
            ["two of its tables are called 't'", "name of its own"]),
        ["a table called as its late records"] = (
            flow => Numbers(flow).ToTable("wrong.late", _ => "k"), ["'wrong.late'", "name of its own"]),
        ["a table of no name"] = (flow => Examples.From(flow).ToTable("../x", e => e.N), ["1:ToTable", "'../x'",
            "a-z 0-9"]),
        ["a topic of no name"] = (flow => flow.From<Event>("../x").ToTable("t", e => e.N), ["'../x'", "a-z 0-9"]),
        ["a window of no gap"] = (_ => Window.Session(TimeSpan.Zero), ["gap", "00:00:00", "more than 0"]),
        ["sessions of mutable state"] = (
            flow => Examples.From(flow).KeyBy(e => e.Key).Window(Window.Session(Examples.Minute))
                .Aggregate(new Counter(), (counter, _) => counter).ToTable("t"),
            ["3:Window.Aggregate", "can change", "Counter.Count"]),
        ["a top of mutable values"] = (
            flow => Examples.From(flow).Select(e => new Counter()).KeyBy(e => e.Count)
                .Aggregate(Aggregate.Top(1, (Counter counter) => counter.Count)).ToTable("t"),
            ["3:Aggregate", "can change", "record"]),
        ["the same windows where there are none"] = (
            flow => Examples.From(flow).KeyBy(e => e.Key).Window(Window.Same)
                .Aggregate(0L, (count, _) => count + 1).ToTable("t"),
            ["2:Window.Aggregate", "no result of a window: Event", "Window.Same directly behind"]),
        ["the same windows behind a Select"] = (
            flow => Examples.From(flow).KeyBy(e => e.Key).Window(Window.Tumbling(Examples.Minute))
                .Aggregate(0L, (count, _) => count + 1).Select(minute => minute.Value).Window(Window.Same)
                .Aggregate(0L, (count, _) => count + 1).ToTable("t"),
            ["no result of a window: Int64", "Window.Same directly behind"]),
        ["windows without an end that flow on"] = (
            flow => Examples.From(flow).EventTime(e => e.At, Lateness.Unbounded).KeyBy(e => e.Key)
                .Window(Window.Tumbling(Examples.Minute)).Aggregate(0L, (count, _) => count + 1)
                .ToTable("t", minute => (minute.Window.End, minute.Key)),
            ["Window.Aggregate", "waits for ever", "Lateness.Unbounded"]),
        ["ordered sessions without an end"] = (
            flow => Examples.From(flow).EventTime(e => e.At, Lateness.Unbounded).KeyBy(e => e.Key)
                .Window(Window.Session(Examples.Minute)).Aggregate(0L, (count, _) => count + 1).ToTable("t"),
            ["InOrder", "waits for ever"]),
        ["a running table without a key"] = (
            flow => Examples.From(flow).KeyBy(_ => default(Everything)).Aggregate(0L, (count, _) => count + 1)
                .ToTable("t"),
            ["table 't'", "would have no key", "KeyBy"]),
        ["AsOf without order"] = (
            flow => Ordered(Examples.From(flow).KeyBy(e => e.Key), Window.Tumbling(Examples.Minute)),
            ["AsOf", "in order of event time", "2:Aggregate", "InOrder() before"]),
        ["AsOf of changes of windows"] = (
            flow => Ordered(
                Examples.From(flow).KeyBy(e => e.Key).Window(Window.Tumbling(Examples.Minute))
                    .Aggregate(0L, (count, _) => count + 1).Changes().KeyBy(change => change.Item.Key),
                Window.Tumbling(Examples.Minute)),
            ["AsOf", "in order of event time", "InOrder() before"]),
        ["AsOf of overlapping windows"] = (
            flow => Ordered(
                Examples.From(flow).KeyBy(e => e.Key).InOrder(),
                Window.Hopping(Examples.Minute, TimeSpan.FromSeconds(30))),
            ["AsOf", "windows that follow each other", "Window.Calendar"]),
        ["AsOf with a grace"] = (
            flow => Ordered(
                Examples.From(flow).KeyBy(e => e.Key).InOrder(), Window.Tumbling(Examples.Minute)
                    .Grace(Examples.Minute)),
            ["AsOf", "grace of 00:01:00", "without a grace"]),
        ["AsOf at no boundaries"] = (
            flow => Ordered(
                Examples.From(flow).KeyBy(e => e.Key).InOrder(), Window.Tumbling(Examples.Minute), boundaries: 0),
            ["AsOf", "at 0 boundaries", "1 or more"]),
        ["two columns of one name"] = (
            flow => Examples.From(flow).KeyBy(e => new { e.N })
                .Aggregate(new Numbered(0), (numbered, _) => numbered).ToTable("t"),
            ["'t'", "two columns 'n'", "Rename"]),
        ["a value with a column called as the key's"] = (
            flow => Examples.From(flow).ToTable("t", e => e.Key),
            ["'t' of 1:ToTable", "two columns 'key'", "property of Event", "record with properties of other names"]),
    };

    public static TheoryData<string> Kinds => [.. Wrong.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_job_is_refused_with_what_to_write_instead_when_it_has(string what)
    {
        var (define, says) = Wrong[what];

        var refused = Assert.Throws<KappaException>(() => Job.Define("wrong", define).Build());

        Assert.Equal(ErrorKind.Invalid, refused.Kind);
        Assert.All(says,
            words => Assert.Contains(words, refused.Message + "\n" + refused.Next, StringComparison.Ordinal));
        Assert.NotEmpty(refused.Next);
        Assert.StartsWith("Job 'wrong'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_longest_times_there_are_mean_for_ever_T3_T4_O4()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutAsync("13:00:00", at: "12:00:10", "a", n: 1);
        await s.PutAsync("13:00:01", at: "12:30:00", "a", n: 2);
        await s.PutAsync("13:00:02", at: "12:00:20", "a", n: 1);
        await s.RunAsync(Job.Define("r", flow =>
        {
            var keyed = Examples.From(flow, maxAhead: TimeSpan.MaxValue).KeyBy(e => e.Key);
            keyed.Window(Window.Tumbling(Examples.Minute).Grace(TimeSpan.MaxValue))
                .Aggregate(Tally.None, (tally, e) => tally.Add(e)).ToTable("graced");
            keyed.Distinct(e => e.N, TimeSpan.MaxValue)
                .Aggregate(Tally.None, (tally, e) => tally.Add(e)).ToTable("once");
        }));

        Assert.Empty(await s.RowsAsync("r.dead"));
        Assert.Equal(
            ["""["a","12:00:00","12:01:00",2,"11",false]""", """["a","12:30:00","12:31:00",1,"2",false]"""],
            await s.RowsAsync("graced"));
        Assert.Equal(["""["a",2,"12"]"""], await s.RowsAsync("once"));
    }

    private static void Ordered<T>(KeyedStream<string, T> keyed, Window window, int boundaries = 10) =>
        keyed.Aggregate(0L, (count, _) => count + 1).AsOf(window, boundaries)
            .ToTable("t", at => (at.Window.End, at.Key));

    private static void Joined(Flow flow, Func<Interval> interval)
    {
        var keyed = Examples.From(flow).KeyBy(e => e.Key);
        keyed.Join(keyed, interval(), (e, _) => e).ToTable("t", e => (e.Key, e.N));
    }

    private static EventStream<Numbered> Numbers(Flow flow) => Examples.From(flow).Select(e => new Numbered(e.N));

    internal sealed class Counter
    {
        public long Count { get; set; }
    }

    internal sealed record Open(object? Value);

    internal sealed record Later(Func<long> Of);

    internal abstract record Shape;

    internal sealed record Square(long Side) : Shape;

    internal sealed record Nested(Nested? Inner, string Name);

    internal sealed record Numbered(long N);

    private sealed class Keeper : Process<string, Event, StringBuilder[], string>
    {
        public override void OnRecord(
            ProcessContext<string> context, string key, ref StringBuilder[] state, Event value) =>
            context.Emit(value.Tag);
    }
}
