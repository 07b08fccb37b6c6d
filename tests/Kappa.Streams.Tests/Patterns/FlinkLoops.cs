using Kappa.Streams.Patterns;
using static Kappa.Streams.Tests.Patterns.Steps;

namespace Kappa.Streams.Tests.Patterns;

/// <summary>
/// Cases about repeats: of NFAITCase, the Times cases, UntilConditionITCase, GreedyITCase, SameElementITCase.
/// </summary>
internal static class FlinkLoops
{
    private const string Spread = "c f1 a1 f2 a2 a3 b";
    private const string Dense = "c a1 a2 a3 b";
    private const string Four = "c d1 a1 a2 a3 d2 a4 b";
    private const string Ends = "c a1=2 a2=3 a3=5 a4=6";
    private const string EndsLate = "c a1=2 a2=3 a3=4 a4=5 a5=6";
    private const string AnyStep = "c a1=2 a2=3 d=1 a3=5 a4=6";
    private const string Same = "c a1 a2 a3 a4 d a5 a6 b";

    private static readonly Step<Letter> Middle = Step.Of<Letter>("middle", _ => true);
    private static readonly Step<Letter> Five = Step.Of<Letter>("end", IsFive);

    private static Pattern<Letter> As => A.OneOrMore();

    private static Pattern<Letter> MaybeAs => A.OneOrMore().Optional();

    public static IEnumerable<FlinkCase> All => [.. Loops, .. Times, .. Ranges, .. OrMore, .. Untils, .. Greedy];

    private static IEnumerable<FlinkCase> Loops =>
    [
        Case("NFAITCase.testComplexBranchingAfterZeroOrMore",
            C.FollowedByAny(As.AllowCombinations().Optional()).FollowedByAny(B).FollowedByAny(D).FollowedByAny(E),
            "c a1 a2 a3 b d1 d2 e",
            [.. new[] { "d1", "d2" }.SelectMany(d => new[]
                {
                    "a1 a2 a3 ", "a1 a2 ", "a1 a3 ", "a2 a3 ", "a1 ", "a2 ", "a3 ", "",
                }.Select(loop => $"c {loop}b {d} e"))]),
        Case("NFAITCase.testZeroOrMore", C.FollowedByAny(As.AllowCombinations().Optional()).FollowedBy(B),
            "c a1 a2 b", "c a1 a2 b", "c a1 b", "c a2 b", "c b"),
        Case("NFAITCase.testEagerZeroOrMore", C.FollowedBy(MaybeAs).FollowedBy(B), "c a1 a2 d a3 b",
            "c a1 a2 a3 b", "c a1 a2 b", "c a1 b", "c b"),
        Case("NFAITCase.testBeginWithZeroOrMore", MaybeAs.FollowedBy(B), "a1 a2 a3 b",
            "a1 a2 a3 b", "a1 a2 b", "a2 a3 b", "a1 b", "a2 b", "a3 b", "b"),
        Case("NFAITCase.testZeroOrMoreAfterZeroOrMore",
            C.FollowedByAny(As.AllowCombinations().Optional())
                .FollowedBy(D.OneOrMore().AllowCombinations().Optional()).FollowedBy(E),
            "c a1 d1 d2 e", "c a1 d1 d2 e", "c a1 d1 e", "c d1 d2 e", "c d1 e", "c a1 e", "c e"),
        Case("NFAITCase.testZeroOrMoreAfterBranching",
            C.FollowedByAny(A).FollowedByAny(F).FollowedByAny(D.OneOrMore().AllowCombinations().Optional())
                .FollowedBy(E), "c a1 a2 f d1 d2 e",
            "c a1 f e", "c a1 f d1 e", "c a1 f d2 e", "c a1 f d1 d2 e", "c a2 f e", "c a2 f d1 e", "c a2 f d2 e",
            "c a2 f d1 d2 e"),
        Case("NFAITCase.testStrictContinuityNoResultsAfterZeroOrMore",
            D.FollowedBy(MaybeAs).Next(B), "d a1 a2 c b"),
        Case("NFAITCase.testStrictContinuityResultsAfterZeroOrMore",
            D.FollowedByAny(MaybeAs.AllowCombinations()).Next(B), "d a1 a2 b", "d a1 a2 b", "d a2 b"),
        Case("NFAITCase.testAtLeastOne", C.FollowedByAny(As.AllowCombinations()).FollowedByAny(B), "c a1 a2 b",
            "c a1 a2 b", "c a1 b", "c a2 b"),
        Case("NFAITCase.testBeginWithAtLeastOne", As.AllowCombinations().FollowedBy(B), "a1 a2 a3 b",
            "a1 a2 a3 b", "a1 a2 b", "a1 a3 b", "a2 a3 b", "a1 b", "a2 b", "a3 b"),
        Case("NFAITCase.testNextZeroOrMore", C.Next(MaybeAs.Consecutive()).FollowedBy(B), "c f a1 a2 a3 b", "c b"),
        Case("NFAITCase.testAtLeastOneEager", C.FollowedByAny(As).FollowedByAny(B), Dense,
            "c a1 a2 a3 b", "c a1 a2 b", "c a2 a3 b", "c a3 b", "c a2 b", "c a1 b"),
        Case("NFAITCase.testEndWithZeroOrMore", C.FollowedBy(MaybeAs), "c a1 a2 a3",
            "c a1 a2 a3", "c a1 a2", "c a1", "c"),
        Case("NFAITCase.testStartAndEndWithZeroOrMore", MaybeAs, "c a1 a2 a3 d1 d2 d3",
            "a1 a2 a3", "a1 a2", "a1", "a2 a3", "a2", "a3"),
        Case("NFAITCase.testEndWithOneOrMore", C.FollowedBy(As), "c a1 a2 a3", "c a1 a2 a3", "c a1 a2", "c a1"),
        Case("NFAITCase.testOneOrMoreStrictOptional",
            C.FollowedByAny(As.Consecutive().Optional()).FollowedBy(B), Spread,
            "c a2 a3 b", "c a1 b", "c a2 b", "c a3 b", "c b"),
        Case("NFAITCase.testStrictOneOrMore", C.FollowedBy(As.Consecutive()).FollowedBy(B), Four,
            "c a1 a2 a3 b", "c a1 a2 b", "c a1 b"),
        Case("NFAITCase.testSkipTillNextOneOrMore", C.FollowedBy(As).FollowedBy(B), Four,
            "c a1 a2 a3 a4 b", "c a1 a2 a3 b", "c a1 a2 b", "c a1 b"),
        Case("NFAITCase.testSkipTillAnyOneOrMore", C.FollowedBy(As.AllowCombinations()).FollowedBy(B), Four,
            "c a1 a2 a3 a4 b", "c a1 a3 a4 b", "c a1 a2 a3 b", "c a1 a2 a4 b", "c a1 a2 b", "c a1 a3 b", "c a1 a4 b",
            "c a1 b"),
        Case("NFAITCase.testStrictEagerZeroOrMore", C.FollowedBy(MaybeAs.Consecutive()).FollowedBy(B), Four,
            "c a1 a2 a3 b", "c a1 a2 b", "c a1 b", "c b"),
        Case("NFAITCase.testSkipTillAnyZeroOrMore", C.FollowedBy(MaybeAs.AllowCombinations()).FollowedBy(B), Four,
            "c a1 a2 a3 a4 b", "c a1 a2 a4 b", "c a1 a3 a4 b", "c a1 a4 b", "c a1 a2 a3 b", "c a1 a2 b", "c a1 a3 b",
            "c a1 b", "c b"),
        Case("NFAITCase.testSkipTillNextZeroOrMore", C.FollowedBy(MaybeAs).FollowedBy(B), Four,
            "c a1 a2 a3 a4 b", "c a1 a2 a3 b", "c a1 a2 b", "c a1 b", "c b"),
        Case("NFAITCase.testStartWithZeroOrMoreStrict", MaybeAs.Consecutive(), "c1 a1 c2 a2 a3",
            "a1", "a2 a3", "a2", "a3"),
        Case("NFAITCase.testStartWithOneOrMoreStrict", As.Consecutive(), "c1 a1 c2 a2 a3", "a1", "a2 a3", "a2", "a3"),
        Case("SameElementITCase.testEagerZeroOrMoreSameElement", C.FollowedBy(MaybeAs).FollowedBy(B), Same,
            "c a1 a2 a3 a4 a5 a6 b", "c a1 a2 a3 a4 a5 b", "c a1 a2 a3 a4 b", "c a1 a2 a3 b", "c a1 a2 b", "c a1 b",
            "c b"),
        Case("SameElementITCase.testEndWLoopingWSameElement", C.FollowedByAny(MaybeAs), "c a1 a2 a3 b",
            "c", "c a1", "c a2", "c a3", "c a1 a2", "c a2 a3", "c a1 a2 a3"),
        Case("SameElementITCase.testClearingBufferWithUntilAtTheEnd",
            A.FollowedBy(D.OneOrMore().Until((_, soFar) => soFar[D].Count == 3)), "a1 d1 d2 d3 d4",
            "a1 d1 d2 d3", "a1 d1 d2", "a1 d1"),
    ];

    private static IEnumerable<FlinkCase> Times =>
    [
        Case("NFAITCase.testTimes", C.Next(A.Times(2).AllowCombinations()).FollowedBy(B), Dense,
            "c a1 a2 b", "c a1 a3 b"),
        Case("NFAITCase.testStartWithTimes", A.Times(2).Consecutive().FollowedBy(B), "a1 a2 a3 b",
            "a1 a2 b", "a2 a3 b"),
        Case("NFAITCase.testTimesNonStrictWithNext", C.Next(A.Times(2).AllowCombinations()).FollowedBy(B),
            "c a1 f1 a2 f2 a3 b", "c a1 a2 b", "c a1 a3 b"),
        Case("NFAITCase.testTimesNotStrictWithFollowedByEager", C.FollowedBy(A.Times(2)).FollowedBy(B), Dense,
            "c a1 a2 b"),
        Case("NFAITCase.testTimesNotStrictWithFollowedByNotEager",
            C.FollowedByAny(A.Times(2).AllowCombinations()).FollowedBy(B), Dense, "c a1 a2 b", "c a2 a3 b",
                "c a1 a3 b"),
        Case("NFAITCase.testTimesStrictWithNextAndConsecutive",
            C.Next(A.Times(2).Consecutive()).FollowedBy(B), "c a1 f a2 a3 b"),
        Case("NFAITCase.testTimesNonStrictOptional1", C.FollowedBy(A.Times(3).Optional()).FollowedBy(B), "c f b",
            "c b"),
        Case("NFAITCase.testTimesNonStrictOptional2",
            C.FollowedByAny(A.Times(2).AllowCombinations().Optional()).FollowedBy(B), Spread,
            "c a1 a2 b", "c a1 a3 b", "c a2 a3 b", "c b"),
        Case("NFAITCase.testTimesNonStrictOptional3", C.FollowedByAny(A.Times(2).Optional()).FollowedBy(B), Spread,
            "c a1 a2 b", "c a2 a3 b", "c b"),
        Case("NFAITCase.testTimesStrictOptional",
            C.FollowedByAny(A.Times(2).Consecutive().Optional()).FollowedBy(B), Spread, "c a2 a3 b", "c b"),
        Case("NFAITCase.testTimesStrictOptional1",
            C.Next(A.Times(2).Consecutive().Optional()).FollowedBy(B), Dense, "c a1 a2 b", "c b"),
        Case("NFAITCase.testOptionalTimesNonStrictWithNext",
            C.Next(A.Times(2).AllowCombinations().Optional()).FollowedBy(B), "c a1 f1 a2 f2 a3 b",
            "c a1 a2 b", "c a1 a3 b", "c b"),
        Case("NFAITCase.testTimesStrict", C.FollowedByAny(A.Times(2).Consecutive()).FollowedBy(B), Spread, "c a2 a3 b"),
        Case("NFAITCase.testTimesNonStrict", C.FollowedByAny(A.Times(2).AllowCombinations()).FollowedBy(B), Spread,
            "c a1 a2 b", "c a1 a3 b", "c a2 a3 b"),
    ];

    private static IEnumerable<FlinkCase> Ranges =>
    [
        Case("TimesRangeITCase.testTimesRange", C.Next(A.Times(1, 3).AllowCombinations()).FollowedBy(B), Dense,
            "c a1 a2 a3 b", "c a1 a2 b", "c a1 a3 b", "c a1 b"),
        Case("TimesRangeITCase.testTimesRangeFromZero", C.Next(A.Times(0, 2).AllowCombinations()).FollowedBy(B),
            Dense, "c a1 a2 b", "c a1 a3 b", "c a1 b", "c b"),
        Case("TimesRangeITCase.testTimesRangeNonStrict",
            C.FollowedByAny(A.Times(1, 3).AllowCombinations()).FollowedBy(B), Spread,
            "c a1 a2 a3 b", "c a1 a2 b", "c a1 a3 b", "c a2 a3 b", "c a1 b", "c a2 b", "c a3 b"),
        Case("TimesRangeITCase.testTimesRangeStrict",
            C.FollowedByAny(A.Times(0, 3).Consecutive()).FollowedBy(B), Spread,
            "c a2 a3 b", "c a1 b", "c a2 b", "c a3 b", "c b"),
        Case("TimesRangeITCase.testTimesRangeStrictOptional",
            C.FollowedByAny(A.Times(1, 3).Consecutive().Optional()).FollowedBy(B), Spread,
            "c a2 a3 b", "c a1 b", "c a2 b", "c a3 b", "c b"),
        Case("TimesRangeITCase.testTimesRangeStrictOptional1",
            C.Next(A.Times(1, 3).Consecutive().Optional()).FollowedBy(B), Dense,
            "c a1 a2 a3 b", "c a1 a2 b", "c a1 b", "c b"),
        Case("TimesRangeITCase.testTimesRangeNonStrictOptional1",
            C.FollowedBy(A.Times(1, 3).Optional()).FollowedBy(B), "c f b", "c b"),
        Case("TimesRangeITCase.testTimesRangeNonStrictOptional2",
            C.FollowedByAny(A.Times(2, 3).AllowCombinations().Optional()).FollowedBy(B), Spread,
            "c a1 a2 a3 b", "c a1 a2 b", "c a1 a3 b", "c a2 a3 b", "c b"),
    ];

    private static IEnumerable<FlinkCase> OrMore =>
    [
        Case("TimesOrMoreITCase.testTimesOrMore", C.FollowedBy(A.TimesOrMore(2).AllowCombinations()).FollowedBy(B),
            Dense, "c a1 a2 a3 b", "c a1 a2 b", "c a1 a3 b"),
        Case("TimesOrMoreITCase.testTimesOrMoreNonStrict",
            C.FollowedByAny(A.TimesOrMore(2).AllowCombinations()).FollowedBy(B), Spread,
            "c a1 a2 a3 b", "c a1 a2 b", "c a1 a3 b", "c a2 a3 b"),
        Case("TimesOrMoreITCase.testTimesOrMoreStrict",
            C.FollowedByAny(A.Times(2).Consecutive()).FollowedBy(B), Spread, "c a2 a3 b"),
        Case("TimesOrMoreITCase.testTimesOrMoreStrictOptional",
            C.FollowedByAny(A.TimesOrMore(2).Consecutive().Optional()).FollowedBy(B), Spread, "c a2 a3 b", "c b"),
        Case("TimesOrMoreITCase.testTimesOrMoreStrictOptional2",
            C.Next(A.TimesOrMore(2).Consecutive().Optional()).FollowedBy(B), Dense, "c a1 a2 a3 b", "c a1 a2 b", "c b"),
        Case("TimesOrMoreITCase.testTimesOrMoreNonStrictOptional",
            C.FollowedBy(A.TimesOrMore(2).Optional()).FollowedBy(B), "c f b", "c b"),
        Case("TimesOrMoreITCase.testTimesOrMoreNonStrictOptional2",
            C.FollowedByAny(A.TimesOrMore(2).AllowCombinations().Optional()).FollowedBy(B), Spread,
            "c a1 a2 a3 b", "c a1 a2 b", "c a2 a3 b", "c a1 a3 b", "c b"),
    ];

    private static IEnumerable<FlinkCase> Untils =>
    [
        Case("UntilConditionITCase.testUntilConditionFollowedByOneOrMore",
            C.FollowedBy(As.Until(IsFive)).FollowedBy(Five), Ends, "c a1 a2 a3", "c a1 a3"),
        Case("UntilConditionITCase.testUntilConditionFollowedByOneOrMoreCombinations",
            C.FollowedBy(As.AllowCombinations().Until(IsFive)).FollowedBy(Five), EndsLate,
            "c a1 a2 a3 a4", "c a1 a2 a4", "c a1 a3 a4", "c a1 a4"),
        Case("UntilConditionITCase.testUntilConditionFollowedByOneOrMoreConsecutive",
            C.FollowedBy(As.Consecutive().Until(IsFive)).FollowedBy(Five), Ends, "c a1 a2 a3", "c a1 a3"),
        Case("UntilConditionITCase.testUntilConditionFollowedByZeroOrMore",
            C.FollowedBy(MaybeAs.Until(IsFive)).FollowedBy(Five), Ends, "c a1 a2 a3", "c a1 a3", "c a3"),
        Case("UntilConditionITCase.testUntilConditionFollowedByZeroOrMoreCombinations",
            C.FollowedBy(MaybeAs.AllowCombinations().Until(IsFive)).FollowedBy(Five), EndsLate,
            "c a1 a2 a3 a4", "c a1 a2 a4", "c a1 a3 a4", "c a1 a4", "c a4"),
        Case("UntilConditionITCase.testUntilConditionFollowedByZeroOrMoreConsecutive",
            C.FollowedBy(MaybeAs.Consecutive().Until(IsFive)).FollowedBy(Five), Ends, "c a1 a2 a3", "c a1 a3", "c a3"),
        Case("UntilConditionITCase.testUntilConditionFollowedByAnyOneOrMore",
            C.FollowedByAny(As.Until(IsFive)), Ends, "c a1 a2", "c a1", "c a2", "c a4"),
        Case("UntilConditionITCase.testUntilConditionFollowedByAnyZeroOrMore",
            C.FollowedByAny(MaybeAs.Until(IsFive)), Ends, "c a1 a2", "c a1", "c a2", "c a4", "c"),
        Case("UntilConditionITCase.testUntilConditionWithEmptyWhere",
            C.FollowedBy(Middle.OneOrMore().Until(IsFive)), AnyStep, "c a1 a2 d", "c a1 a2", "c a1"),
        Case("UntilConditionITCase.testIterativeUntilConditionOneOrMore",
            C.FollowedBy(Middle.OneOrMore().Until((_, soFar) => Sum(soFar[Middle]) == 6)), AnyStep,
            "c a1 a2 d", "c a1 a2", "c a1"),
        Case("UntilConditionITCase.testIterativeUntilConditionZeroOrMore",
            C.FollowedBy(Middle.OneOrMore().Optional().Until((_, soFar) => Sum(soFar[Middle]) == 6)), AnyStep,
            "c a1 a2 d", "c a1 a2", "c a1", "c"),
    ];

    private static IEnumerable<FlinkCase> Greedy =>
    [
        Case("GreedyITCase.testGreedyZeroOrMore", C.FollowedBy(MaybeAs.Greedy()).FollowedBy(D), "c a1 a2 a3 d",
            "c a1 a2 a3 d"),
        Case("GreedyITCase.testGreedyZeroOrMoreConsecutiveEndWithOptional",
            C.FollowedBy(MaybeAs.Consecutive().Greedy()).FollowedBy(D.Optional()), "c a1 a2 a3 d", "c a1 a2 a3 d"),
        Case("GreedyITCase.testGreedyZeroOrMoreInBetween",
            C.FollowedBy(MaybeAs.Greedy()).FollowedBy(D), "c x1 a1 x2 a2 x3 a3 d", "c a1 a2 a3 d"),
        Case("GreedyITCase.testGreedyZeroOrMoreWithDummyEventsAfterQuantifier",
            C.FollowedBy(MaybeAs.Greedy()).FollowedBy(D), "c a1 a2 x d", "c a1 a2 d"),
        Case("GreedyITCase.testGreedyZeroOrMoreWithDummyEventsBeforeQuantifier",
            C.FollowedBy(MaybeAs.Greedy()).FollowedBy(D), "c x d", "c d"),
        Case("GreedyITCase.testGreedyZeroOrMoreBeforeOptional",
            C.FollowedBy(MaybeAs.Greedy()).FollowedBy(D.Optional()).FollowedBy(E), "c a1 a2 x e", "c a1 a2 e"),
        Case("GreedyITCase.testGreedyZeroOrMoreBeforeOptional2",
            C.FollowedBy(MaybeAs.Greedy()).FollowedBy(D.Optional()).FollowedBy(E), "c a1 a2 d e",
            "c a1 a2 e", "c a1 a2 d e"),
        Case("GreedyITCase.testGreedyUtilZeroOrMoreWithDummyEventsAfterQuantifier",
            C.FollowedBy(MaybeAs.Greedy().Until(IsOver)).FollowedBy(D), "c a1=2 a2=3 a3=3 a4=4 d", "c a1 a2 a3 d"),
        Case("GreedyITCase.testGreedyUtilWithDummyEventsBeforeQuantifier",
            C.FollowedBy(MaybeAs.Greedy().Until(IsOver)).FollowedBy(D), "c a4=4 a1=2 a2=3 a3=3 d", "c d"),
        Case("GreedyITCase.testGreedyOneOrMore", C.FollowedBy(As.Greedy()).FollowedBy(D), "c a1 a2 a3 d",
            "c a1 a2 a3 d"),
        Case("GreedyITCase.testGreedyOneOrMoreInBetween",
            C.FollowedBy(As.Greedy()).FollowedBy(D), "c x1 a1 x2 a2 x3 a3 d", "c a1 a2 a3 d"),
        Case("GreedyITCase.testGreedyOneOrMoreWithDummyEventsAfterQuantifier",
            C.FollowedBy(As.Greedy()).FollowedBy(D), "c a1 a2 x d", "c a1 a2 d"),
        Case("GreedyITCase.testGreedyOneOrMoreWithDummyEventsBeforeQuantifier",
            C.FollowedBy(As.Greedy()).FollowedBy(D), "c x d"),
        Case("GreedyITCase.testGreedyUtilOneOrMoreWithDummyEventsAfterQuantifier",
            C.FollowedBy(As.Greedy().Until(IsOver)).FollowedBy(D), "c a1=2 a2=3 a3=3 a4=4 d", "c a1 a2 a3 d"),
        Case("GreedyITCase.testGreedyUtilOneOrMoreWithDummyEventsBeforeQuantifier",
            C.FollowedBy(As.Greedy().Until(IsOver)).FollowedBy(D), "c a4=4 a1=2 a2=3 a3=3 d"),
        Case("GreedyITCase.testGreedyZeroOrMoreBeforeGroupPattern",
            C.FollowedBy(MaybeAs.Greedy()).FollowedBy(D.FollowedBy(E).Times(2)).FollowedBy(F),
            "c a1 a2 x a3 d1 e1 d2 e2 f", "c a1 a2 a3 d1 e1 d2 e2 f"),
        Case("GreedyITCase.testEndWithZeroOrMoreGreedy", C.FollowedBy(MaybeAs.Greedy()), "c a1 a2 x a3", "c a1 a2"),
        Case("GreedyITCase.testEndWithZeroOrMoreConsecutiveGreedy",
            C.FollowedBy(MaybeAs.Consecutive().Greedy()), "c a1 a2 x a3", "c a1 a2"),
        Case("GreedyITCase.testGreedyTimesRange", C.FollowedBy(A.Times(2, 5).Greedy()), "c a1 a2 a3 a4 x",
            "c a1 a2 a3 a4"),
    ];

    private static bool IsFive(Letter letter) => letter.Price == 5;

    private static bool IsOver(Letter letter) => letter.Price > 3;
}
