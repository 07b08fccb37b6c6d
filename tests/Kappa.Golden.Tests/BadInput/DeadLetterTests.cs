using System.Text.Json;
using Kappa.Golden.Tests.Rules;
using Kappa.Streams;
using Kappa.Streams.Patterns;
using Xunit;

namespace Kappa.Golden.Tests.BadInput;

/// <summary>
/// What fails when a job runs is a dead letter (rules O6, O7): which operator, which record, what, and what to do.
/// </summary>
public sealed class DeadLetterTests
{
    private static readonly Step<Event> Careful =
        Step.Of<Event>("careful", e => Fails.If(e, "Detect.step", e.N > 0));

    /// <summary>Every function of the user's, with the operator that calls it as dead letters name it.</summary>
    private static readonly (string Tag, string Operator)[] Functions =
    [
        ("From.eventTime", "From"), ("Where", "Where"), ("Select", "Select"), ("SelectMany", "SelectMany"),
        ("SelectMany.later", "SelectMany"), ("KeyBy", "KeyBy"), ("Where.keyed", "Where"), ("Distinct", "Distinct"),
        ("InOrder", "InOrder"), ("Aggregate", "Aggregate"), ("Aggregate.result", "Aggregate"),
        ("Window", "Window.Aggregate"), ("Join.when", "Join"), ("Join.select", "Join"), ("Join.from", "Join"),
        ("LookUp.key", "KeyBy"), ("LookUp.select", "LookUp"), ("Detect.step", "Detect"), ("Detect.select", "Select"),
        ("Process", "Process"), ("EventTime", "EventTime"), ("ToTable", "ToTable"), ("ToTopic", "ToTopic"),
    ];

    [Fact]
    public async Task Every_function_that_throws_is_named_by_its_operator_with_the_record_and_the_error_O6_O7()
    {
        await using var s = await Scenario.OpenAsync();
        for (var i = 0; i < Functions.Length; i++)
        {
            await s.PutAsync("13:00:00", at: $"12:00:{i:00}", "a" + i, n: 1, tag: Functions[i].Tag);
        }

        await s.PutAsync("13:00:01", at: "12:59:00", "z");
        await s.RunAsync(Job.Define("r", Everything));

        var dead = (await s.RowsAsync("r.dead")).Select(row => JsonDocument.Parse(row).RootElement).ToList();
        foreach (var (tag, name) in Functions)
        {
            var letters = dead.Where(row => row[11].GetString() == $"InvalidOperationException: in {tag}").ToList();
            Assert.True(letters.Count > 0, $"{tag} left no dead letter.");
            Assert.All(letters, row =>
            {
                Assert.Matches($"^[0-9]+:{name.Replace(".", "\\.", StringComparison.Ordinal)}$", row[2].GetString());
                if (row[6].ValueKind == JsonValueKind.Null)
                {
                    // A timer released it, at another place: key and event time say which it is.
                    var number = Array.FindIndex(Functions, function => function.Tag == tag);
                    Assert.Equal(($"a{number}", $"12:00:{number:00}"), (row[3].GetString(), row[9].GetString()));
                    return;
                }

                Assert.Equal("e", row[6].GetString());
                Assert.Contains(
                    $"\"tag\":\"{tag}\"", System.Text.Encoding.UTF8.GetString(row[10].GetBytesFromBase64()),
                    StringComparison.Ordinal);
            });
        }

        Assert.Equal(Functions.Length, dead.Select(row => row[11].GetString()).Distinct().Count());
    }

    [Fact]
    public async Task A_null_key_says_where_it_is_and_what_to_do_O6()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutAsync("13:00:00", at: "12:00:00", "a", tag: "none");
        await s.PutAsync("13:00:01", at: "12:00:01", "a");
        await s.RunAsync(Job.Define("r", flow =>
        {
            var events = Examples.From(flow);
            events.KeyBy(e => KeyOf(e)).Aggregate(0L, (count, _) => count + 1).ToTable("counts");
            events.KeyBy(e => KeyOf(e)).Window(Window.Tumbling(Examples.Minute)).Aggregate(0L, (count, _) => count + 1)
                .ToTable("minutes");
            events.Select(e => (e.Tag, e.N)).ToTable("rows", e => e.Tag == "none" ? null! : e.Tag);
            events.ToTopic("said", e => KeyOf(e));
        }));

        const string What = "Leave such values out with Where";
        Assert.Equal(["""["a",1]"""], await s.RowsAsync("counts"));
        Assert.Collection(
            (await s.RowsAsync("r.dead")).OrderBy(row => row, StringComparer.Ordinal),
            row => AssertSays(row, "\"1:KeyBy\"", "The key is null", What),
            row => AssertSays(row, "\"3:KeyBy\"", "The key is null", What),
            row => AssertSays(row, "\"6:ToTable\"", "The key is null", What),
            row => AssertSays(row, "\"7:ToTopic\"", "The key is null", What));
    }

    [Fact]
    public async Task An_event_time_that_is_missing_or_cannot_be_says_what_and_what_to_do_T3()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutRawAsync("13:00:00", """{"key":"a","n":1}""");
        await s.PutRawAsync("13:00:01", """{"key":"a","at":null,"n":1}""");
        await s.PutRawAsync("13:00:02", """{"key":"a","at":"0001-01-01T00:00:00Z","n":1}""");
        await s.PutRawAsync("13:00:03", """{"key":"a","at":"9000-01-01T00:00:00Z","n":1}""");
        await s.PutRawAsync("13:00:04", """{"key":"a","at":"2026-01-01T14:00:05Z","n":1}""");
        await s.PutRawAsync("13:00:05", """{"key":"a","at":"soon","n":1}""");
        await s.PutAsync("13:00:06", at: "12:00:00", "a", n: 100_000_000_000);
        await s.RunAsync(Job.Define("r", flow => Examples.From(flow)
            .EventTime(e => e.At.AddSeconds(e.N), TimeSpan.Zero).ToTable("rows", e => (e.Key, e.N))));

        Assert.Empty(await s.RowsAsync("rows"));
        Assert.Collection(
            await s.RowsAsync("r.dead"),
            row => AssertSays(row, "\"0:From\"", "JsonException", "missing required properties", "'at'"),
            row => AssertSays(row, "\"0:From\"", "JsonException", "$.at"),
            row => AssertSays(
                row, "\"0:From\"", "0001-01-01T00:00:00Z is out of range", "years 2 to 7999", "Correct the event",
                "missing"),
            row => AssertSays(row, "\"0:From\"", "9000-01-01T00:00:00Z is out of range", "years 2 to 7999"),
            row => AssertSays(
                row, "\"0:From\"", "2026-01-01T14:00:05Z is more than 01:00:00 ahead of its log time",
                "2026-01-01T13:00:04Z", "maxAhead"),
            row => AssertSays(row, "\"0:From\"", "JsonException", "soon"),
            row => AssertSays(row, "\"1:EventTime\"", "ahead of its log time", "maxAhead"));
    }

    private static string KeyOf(Event e) => e.Tag == "none" ? null! : e.Key;

    private static void AssertSays(string row, params string[] words) =>
        Assert.All(words, word => Assert.Contains(word, row, StringComparison.Ordinal));

    /// <summary>One job with every function there is.</summary>
    private static void Everything(Flow flow)
    {
        var events = flow.From<Event>("e", e => Fails.If(e, "From.eventTime", e.At), TimeSpan.FromMinutes(2));
        events.Where(e => Fails.If(e, "Where", true)).Select(e => Fails.If(e, "Select", e))
            .SelectMany(e => Fails.If(e, "SelectMany", Fails.Later(e)))
            .ToTable("rows", e => (Fails.If(e, "ToTable", e.Key), e.N));
        events.ToTopic("said", e => Fails.If(e, "ToTopic", e.Key));
        events.EventTime(e => Fails.If(e, "EventTime", e.At), TimeSpan.Zero).ToTable("retimed", e => (e.Key, e.N));
        var keyed = events.KeyBy(e => Fails.If(e, "KeyBy", e.Key)).Where(e => Fails.If(e, "Where.keyed", true));
        keyed.Distinct(e => Fails.If(e, "Distinct", e.N), Examples.Minute).InOrder(e => Fails.If(e, "InOrder", e.N))
            .Aggregate(0L, (count, e) => Fails.If(e, "Aggregate", count + 1)).ToTable("counts");
        keyed.Aggregate(new Aggregation<Event, Event?, string>(
            null, (_, e) => e, e => Fails.If(e!, "Aggregate.result", e!.Key))).ToTable("results");
        keyed.Window(Window.Tumbling(Examples.Minute)).Aggregate(0L, (count, e) => Fails.If(e, "Window", count + 1))
            .ToTable("minutes");
        keyed.Join(
            keyed, Interval.Within(Examples.Minute), (e, _) => Fails.If(e, "Join.select", e),
            (e, _) => Fails.If(e, "Join.when", true)).ToTable("pairs", e => (e.Key, e.N));
        keyed.Join(keyed, e => Fails.If(e, "Join.from", e.At), e => e.At, Examples.Minute, (e, _) => e)
            .ToTable("bounded", e => (e.Key, e.N));
        events.LookUp(
            keyed.Latest(), e => Fails.If(e, "LookUp.key", e.Key), (e, _) => Fails.If(e, "LookUp.select", e))
            .ToTable("looked", e => (e.Key, e.N));
        keyed.Detect(Careful.Within(Examples.Minute), (_, match) => Fails.If(match[Careful][0], "Detect.select", match))
            .Select(match => match.Events[0]).ToTable("found", e => (e.Key, e.N));
        keyed.Process(new Failing()).ToTable("processed", e => (e.Key, e.N));
    }

    private static class Fails
    {
        public static T If<T>(Event e, string tag, T value) =>
            e.Tag == tag ? throw new InvalidOperationException("in " + tag) : value;

        public static IEnumerable<Event> Later(Event e)
        {
            yield return e;
            yield return If(e, "SelectMany.later", e);
        }
    }

    private sealed class Failing : Process<string, Event, long, Event>
    {
        public override void OnRecord(ProcessContext<Event> context, string key, ref long state, Event value) =>
            context.Emit(Fails.If(value, "Process", value));
    }
}
