using Kappa.Log;
using Kappa.Streams.Patterns;
using Xunit;
using static Kappa.Streams.Tests.Patterns.Steps;

namespace Kappa.Streams.Tests.Patterns;

/// <summary>A pattern that cannot be is refused when it is written: what, where, and what to write instead.</summary>
public sealed class PatternDefinitionTests
{
    private const string Behind = "Job 'refused': the Detect behind 1:KeyBy: ";

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void A_pattern_prints_its_notation_O5()
    {
        Assert.Equal("a > b >> c >>> d", A.Next(B).FollowedBy(C).FollowedByAny(D).ToString());
        Assert.Equal(
            "a !> b !>> c >> d within 00:01:00", A.NotNext(B).NotFollowedBy(C).FollowedBy(D).Within(Minute).ToString());
        Assert.Equal("a{5..} >> b within 00:01:00", A.TimesOrMore(5).FollowedBy(B).Within(Minute).ToString());
        Assert.Equal(
            "(a >> b){2..3 >}? > c{2 >>> greedy} within unbounded runs 7 skip to-first a",
            A.FollowedBy(B).Times(2, 3).Consecutive().Optional().Next(C.Times(2).AllowCombinations().Greedy())
                .Within(Within.Unbounded(7)).AfterMatch(Skip.ToFirst(A)).ToString());
        Assert.Equal(
            "a{1.. until}? >> b within 00:01:00 runs 5 skip past-last",
            A.OneOrMore().Until(_ => true).Optional().FollowedBy(B).Within(Minute, 5).AfterMatch(Skip.PastLast)
                .ToString());
    }

    [Fact]
    public void A_pattern_needs_Within_O5() => Refused(
        () => Define(A.FollowedBy(B)),
        Behind + "Pattern 'a >> b': it has no Within: unfinished matches would stay for ever.",
        "End it with Within(time), or with Within(Within.Unbounded(maxRuns)).");

    [Fact]
    public void NotFollowedBy_at_the_end_needs_a_time_O5() => Refused(
        () => Define(A.NotFollowedBy(B).Within(Within.Unbounded(9))),
        Behind + "Pattern 'a !>> b within unbounded runs 9': it ends with NotFollowedBy and is never "
            + "over.",
        "Say how long is waited: Within(time) instead of Within.Unbounded.");

    [Fact]
    public void Steps_have_names_of_their_own() => Refused(
        () => Define(A.FollowedBy(B).FollowedBy(A).Within(Minute)),
        Behind + "Pattern 'a >> b >> a within 00:01:00': two of its steps are called 'a'.",
        "Give each step a name of its own: make a second step with Step.Of for a second use.");

    [Fact]
    public void A_skip_names_a_step_of_the_pattern() => Refused(
        () => Define(A.FollowedBy(B).Within(Minute).AfterMatch(Skip.ToLast(C))),
        Behind + "Pattern 'a >> b within 00:01:00 skip to-last c': AfterMatch skips to the step 'c', "
            + "which is no part of it.",
        "Skip to one of the pattern's steps, or Skip.PastLast.");

    [Fact]
    public void Repeats_are_asked_for_once_and_at_least_once()
    {
        Refused(() => A.Times(0),
            "Pattern 'a': Times(0) is asked for; allowed are 1 to 1000 times, the lower number first.",
            "Give a number of 1 or more; write Optional() for what may be left out, OneOrMore() for a loop.");
        Refused(() => A.Times(3, 2),
            "Pattern 'a': Times(3, 2) is asked for; allowed are 1 to 1000 times, the lower number first.",
            "Give a number of 1 or more; write Optional() for what may be left out, OneOrMore() for a loop.");
        Refused(() => A.Times(2).OneOrMore(),
            "Pattern 'a{2}': OneOrMore() is said of what is repeated already.", "Say once how often it comes.");
        Refused(() => A.Optional().Times(2),
            "Pattern 'a?': Times(2) is said of what may be left out: it could repeat nothing.",
            "Say Optional() behind it: step.Times(2).Optional().");
    }

    [Fact]
    public void What_belongs_to_a_loop_is_refused_elsewhere()
    {
        Refused(() => A.Until(_ => true), "Pattern 'a': Until is said of what is not repeated.",
            "Say it right behind Times, TimesOrMore or OneOrMore: a.FollowedBy(b.OneOrMore().Until(…)).");
        Refused(() => A.Times(2).Until(_ => true),
            "Pattern 'a{2}': Until ends a loop, and this is at most 2 times.",
                "Say it behind OneOrMore or TimesOrMore.");
        Refused(() => A.FollowedBy(B.OneOrMore()).Greedy(),
            "Pattern 'a >> b{1..}': Greedy is said of what is not repeated.",
            "Say it right behind Times, TimesOrMore or OneOrMore: a.FollowedBy(b.OneOrMore().Greedy(…)).");
        Refused(() => A.FollowedBy(B).OneOrMore().Greedy(),
            "Pattern '(a >> b){1..}': Greedy is said of a sequence.", "Say it of a single repeated step.");
    }

    [Fact]
    public void What_must_not_come_cannot_be_optional_or_repeated()
    {
        Refused(() => A.NotFollowedBy(B).Optional(),
            "Pattern 'a !>> b': Optional is said of a sequence that ends with NotNext or NotFollowedBy.",
            "End the sequence with a step, or say what must not follow behind the repeats.");
        Refused(() => A.NotNext(B).Times(2),
            "Pattern 'a !> b': Times(2) is said of a sequence that ends with NotNext or NotFollowedBy.",
            "End the sequence with a step, or say what must not follow behind the repeats.");
    }

    [Fact]
    public void Within_and_AfterMatch_are_said_of_the_whole_pattern()
    {
        const string Next = "Put Within and AfterMatch last: a.FollowedBy(b).Within(time).";
        Refused(() => A.Within(Minute).FollowedBy(B),
            "Pattern 'a within 00:01:00': Within and AfterMatch are said of a whole pattern, and this is a part of one "
                + "(FollowedBy).", Next);
        Refused(() => A.FollowedBy(B.AfterMatch(Skip.PastLast)),
            "Pattern 'b skip past-last': Within and AfterMatch are said of a whole pattern, and this is a part of one "
                + "(FollowedBy).", Next);
        Refused(() => A.Within(Minute).Within(Minute), "Pattern 'a within 00:01:00': Within is said twice.",
            "Say it once, of the whole pattern.");
        Refused(() => A.Within(TimeSpan.Zero), "A pattern is asked for within 00:00:00; allowed is more than 0.",
            "Give the time between the first and the last event, for example TimeSpan.FromMinutes(1).");
        Refused(() => A.Within(Minute, 0), "A pattern may have 0 unfinished matches per key; allowed are 1 and more.",
            "Give the most unfinished matches one key may have, for example 1000.");
    }

    [Fact]
    public void A_step_has_a_name_that_the_notation_can_show() => Refused(
        () => Step.Of<Letter>("a >> b", _ => true),
        "'a >> b' is no name for a step: allowed are 1 to 60 letters, digits, _ and -.",
        "Name the step after what happens, for example Step.Of<Login>(\"failure\", login => !login.Ok).");

    [Fact]
    public void Asking_a_match_for_a_foreign_step_is_refused()
    {
        var strange = Step.Of<Letter>("b", (_, soFar) => soFar[C].Count > 0);
        var detection = new Detection(A.FollowedBy(strange).Within(Minute));
        detection.Run(Letter.Read("a1 b1"));

        Assert.Equal(["The step 'c' is no part of the pattern 'a >> b within 00:01:00'."], detection.Errors);
    }

    [Fact]
    public void Too_many_ways_on_are_refused()
    {
        Pattern<Letter> pattern = A;
        for (var i = 0; i < 70; i++)
        {
            pattern = pattern.FollowedBy(Is("b", "b" + i).Optional());
        }

        var refused = Assert.Throws<KappaException>(() => Define(pattern.FollowedBy(C).Within(Minute)));
        Assert.EndsWith("from one step 71 ways lead on; allowed are 64.", refused.Message, StringComparison.Ordinal);
        Assert.Equal("Leave fewer steps in a row optional, or make two patterns of it.", refused.Next);
    }

    [Fact]
    public void A_pattern_needs_event_time() => Refused(
        () => Job.Define("timeless", flow => flow.From<Letter>("letters").KeyBy(one => one.Name)
            .Detect(A.Within(Minute), (name, _) => name).ToTable("refused", name => name)).Build(),
        "Job 'timeless': 2:InOrder goes by event time, but topic 'letters' was read without an event time.",
        "Give From an eventTime, for example eventTime: order => order.PlacedAt.");

    private static void Define(Pattern<Letter> pattern) => Job.Define("refused", flow => flow
        .From<Letter>("letters", eventTime: one => one.At).KeyBy(one => one.Name)
        .Detect(pattern, (name, _) => name).ToTable("refused-table", name => name)).Build();

    private static void Refused(Action define, string message, string next)
    {
        var refused = Assert.Throws<KappaException>(define);
        Assert.Equal(message, refused.Message);
        Assert.Equal(next, refused.Next);
        Assert.Equal(ErrorKind.Invalid, refused.Kind);
    }
}
