using Kappa.Streams.Fingerprints;
using Kappa.Streams.Patterns;
using Xunit;
using static Kappa.Streams.Tests.Patterns.Steps;

namespace Kappa.Streams.Tests.Patterns;

/// <summary>What the rules say of Detect beyond which events match.</summary>
public sealed class DetectRuleTests
{
    [Fact]
    public void Within_is_strict_O5()
    {
        var pattern = A.FollowedBy(B).Within(TimeSpan.FromSeconds(3));

        Assert.Equal(["a2 b2"], Texts(Detection.Of(pattern, Letter.Read("a1@0 b1@3 a2@10 b2@12"))));
    }

    [Fact]
    public void An_absence_comes_out_at_its_deadline_even_if_the_event_comes_just_then_T4_T6()
    {
        var pattern = A.NotFollowedBy(B).Within(TimeSpan.FromSeconds(3));
        var found = Detection.Of(pattern, Letter.Read("a1@0 b1@3 a2@10 b2@12 a3@20 a4@21"));

        Assert.Equal(["3: a1", "23: a3", "24: a4"], found.Select(one => one.ToString()));
    }

    [Fact]
    public void What_a_record_at_the_deadline_decides_comes_before_the_absence_T4()
    {
        var pattern = A.FollowedBy(C.Optional()).NotNext(B).Within(TimeSpan.FromSeconds(3));
        var absence = A.OneOrMore().Consecutive().NotFollowedBy(B).Within(TimeSpan.FromSeconds(3));

        // a2 comes at a1's deadline: it begins anew before a1's time is over, and is in no run of a1's.
        Assert.Equal(["3: a1", "6: a2"], Detection.Of(absence, Letter.Read("a1@0 a2@3")).Select(one => one.ToString()));
        Assert.Equal(["1: a1", "2: a1 c1"],
            Detection.Of(pattern, Letter.Read("a1@0 c1@1 x1@2 b1@3")).Select(one => one.ToString()));
    }

    [Fact]
    public void A_greedy_loop_at_the_end_is_decided_by_the_event_it_does_not_take_or_by_its_time_T6()
    {
        var pattern = A.OneOrMore().Greedy().Within(TimeSpan.FromSeconds(5)).AfterMatch(Skip.PastLast);
        var found = Detection.Of(pattern, Letter.Read("a1@0 a2@1 x1@2 a3@10 a4@12"));

        Assert.Equal(["2: a1 a2", "15: a3 a4"], found.Select(one => one.ToString()));
    }

    [Fact]
    public void Matches_decided_at_once_come_out_by_their_events_T8()
    {
        var pattern = A.FollowedByAny(B.Optional()).FollowedBy(C).Within(TimeSpan.FromSeconds(9));
        var found = Detection.Of(pattern, Letter.Read("a1 a2 b1 b2 c1"));

        Assert.Equal(["a1 b1 c1", "a1 b2 c1", "a1 c1", "a2 b1 c1", "a2 b2 c1", "a2 c1"], Texts(found));
    }

    [Fact]
    public void A_match_waits_for_an_earlier_unfinished_one_only_where_something_is_skipped_T6()
    {
        var pattern = A.FollowedBy(Has("x")).FollowedBy(B).Within(TimeSpan.FromSeconds(6));
        var events = "a1@0 x1@1 a2@2 x2@3 y@4 b1@5";
        Assert.Equal(["5: a1 x1 b1", "5: a2 x2 b1"], Detection.Of(pattern, Letter.Read(events)).Select(one =>
            $"{one}"));

        // a1 finds no end: what began behind it comes out when its time is over.
        var held = A.FollowedBy(Step.Of<Letter>("end", (one, soFar) => one.Price == soFar[A][0].Price
            && one.Name == "b"))
            .Within(TimeSpan.FromSeconds(6));
        var unequal = Letter.Read("a1@0=1 a2@2=2 b1@3=2");
        Assert.Equal(["3: a2 b1"], Detection.Of(held, unequal).Select(one => $"{one}"));
        Assert.Equal(["6: a2 b1"], Detection.Of(held.AfterMatch(Skip.ToNext), unequal).Select(one => $"{one}"));
    }

    [Fact]
    public void A_predicate_that_throws_undoes_the_whole_record_O6()
    {
        var fragile = Step.Of<Letter>("b", one =>
            one.Price > 1 ? throw new InvalidOperationException(one.Id) : one.Name == "b");
        var detection = new Detection(A.Next(fragile).Within(TimeSpan.FromSeconds(9)));
        var found = detection.Run(Letter.Read("a1 b1=2 b2"));

        // For the key the failed record was never there: even Next looks past it.
        Assert.Equal(["b1"], detection.Errors);
        Assert.Equal(["a1 b2"], Texts(found));
    }

    [Fact]
    public void The_record_that_would_exceed_the_limit_of_runs_is_refused_O6()
    {
        var detection = new Detection(A.FollowedBy(B).Within(TimeSpan.FromSeconds(9), maxRuns: 2));
        var found = detection.Run(Letter.Read("a1 a2 a3 b1 a4 b2"));

        Assert.Equal(["The event would make more than 2 unfinished matches of this key."], detection.Errors);
        Assert.Equal(["a1 b1", "a2 b1", "a4 b2"], Texts(found));
    }

    [Fact]
    public void A_key_without_runs_keeps_nothing_and_an_event_that_starts_none_allocates_nothing_O5()
    {
        var automaton = AutomatonBuilder<Letter>.Build(A.FollowedBy(B).FollowedBy(C).Within(TimeSpan.FromSeconds(9)));
        var matcher = new Matcher<Letter>(automaton);
        var other = Letter.Read("x")[0];
        var runs = matcher.Advance(Runs<Letter>.Empty, other, 0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            runs = matcher.Advance(runs, other, i);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Same(Runs<Letter>.Empty, runs);
        var detection = new Detection(A.FollowedBy(B).Within(TimeSpan.FromSeconds(3)));
        detection.Run(Letter.Read("a1 x a2 x"));
        Assert.True(detection.IsIdle);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(8)]
    public void Late_records_are_those_before_the_watermark_T5(int seed)
    {
        var sequence = Sequence.Random(seed, 1200, 2, complete: true);
        var (seen, _) = Oracle.Watermarks(sequence, complete: true);
        var late = Machine.Run(DetectJobs.Detected, sequence, 3, () => 5).Rows("detected.late");

        // Four times, for the job's four patterns.
        Assert.Equal(4 * seen.Count(one => one.Time < one.Before), late.Count);
        Assert.True(late.Count > 0);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    public void Behind_out_of_order_records_an_absence_is_what_LINQ_says_T6_T9(int seed)
    {
        var sequence = Sequence.Random(seed, 1200, 3, complete: true);
        var expected = Oracle.InOrder(sequence, complete: true).ToDictionary(pair => pair.Key, pair =>
        {
            var readings = pair.Value;
            return readings.Where((reading, i) => reading.Value > 70 && !readings.Skip(i + 1)
                    .Any(later => later.At < reading.At.AddSeconds(9) && later.Value < 30))
                .Aggregate(0L, (trace, reading) => unchecked((trace * 31) + (17 * reading.Seq)));
        });
        var tables = Machine.Run(DetectJobs.Detected, sequence, 3, () => 5);

        Assert.Equal(
            expected.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key} {pair.Value}"),
            tables.Rows("absences").Select(row => $"{row[0]} {row[1]}").Order(StringComparer.Ordinal));
        Assert.All(["loops", "rises", "fragile"], table => Assert.NotEmpty(tables.Rows(table)));
        Assert.Contains(tables.Rows("detected.dead"), row => $"{row[^1]}".Contains("seq", StringComparison.Ordinal));
    }

    [Fact]
    public void A_failing_select_is_a_dead_letter_of_that_match_alone_O6()
    {
        var high = Step.Of<Reading>("high", reading => reading.Value > 50);
        var job = Job.Define("selecting", flow => flow
            .From<Reading>("readings", eventTime: reading => reading.At)
            .KeyBy(reading => reading.Device)
            .Detect(high.Times(2).Within(TimeSpan.FromMinutes(1)), (_, match) => match[high][0].Seq == 2
                ? throw new InvalidOperationException("select") : match[high][0].Seq)
            .ToTable("selected", seq => seq));
        var sequence = new Sequence();
        sequence.Add("readings", 0, Sequence.Origin.AddDays(1).UtcTicks, [.. Enumerable.Range(1, 5).Select(i =>
            new Reading("d", Sequence.Origin.AddSeconds(i), i, 60))]);
        sequence.Clock(new Log.ClockRecord(Log.ClockKind.Complete, "readings"), Sequence.Origin.AddDays(2).UtcTicks);
        var tables = Machine.Straight(job, sequence);

        Assert.Equal([1L, 3L, 4L], tables.Rows("selected").Select(row => row[0]));
        Assert.Single(tables.Rows("selecting.dead"));
    }

    [Fact]
    public void The_fingerprint_sees_predicates_and_notation_V2()
    {
        string[] hashes = [.. new[] { (5, 2, 60), (6, 2, 60), (5, 3, 60), (5, 2, 61) }.Select(one =>
            Hash(one.Item1, one.Item2, one.Item3))];

        Assert.Equal(4, hashes.Distinct().Count());
        Assert.Equal(hashes[0], Hash(5, 2, 60));
        Assert.NotEmpty(Fingerprint.Of(Input(DetectJobs.Detected)).Hash);
    }

    [Fact]
    public void What_runs_share_is_written_once_P2()
    {
        var detection = new Detection(A.OneOrMore().AllowCombinations().FollowedBy(B).Within(TimeSpan.FromMinutes(9)));
        detection.Run(Letter.Read("a1 a2 a3 a4 a5 a6 a7 a8"), complete: false);

        // 255 runs, but 255 steps taken in all and eight events.
        Assert.Equal(255, detection.State.Open.Length);
        Assert.Equal(8, detection.State.Open.SelectMany(run => Chain(run.Last)).Select(taken => taken.Event)
            .Distinct(ReferenceEqualityComparer.Instance).Count());
        Assert.Equal(255, detection.State.Open.SelectMany(run => Chain(run.Last))
            .Distinct(ReferenceEqualityComparer.Instance).Count());
    }

    private static IEnumerable<Taken<Letter>> Chain(Taken<Letter>? last) =>
        last is null ? [] : Chain(last.Before).Append(last);

    private static string Hash(int least, int times, int seconds)
    {
        var high = Step.Of<Reading>("high", reading => reading.Value > least);
        return Fingerprint.Of(Input(Job.Define("hashed", flow => flow
            .From<Reading>("readings", eventTime: reading => reading.At)
            .KeyBy(reading => reading.Device)
            .Detect(high.Times(times).Within(TimeSpan.FromSeconds(seconds)), (_, match) => match.Events.Count)
            .ToTable("hashes", count => count)))).Hash;
    }

    private static FingerprintInput Input(Job job) => FingerprintInput.Of(
        job.Build(), assembly => assembly == typeof(DetectRuleTests).Assembly, Topology.SemanticsNumber);

    private static IEnumerable<string> Texts(IEnumerable<Found> found) => found.Select(one => one.Events);
}
