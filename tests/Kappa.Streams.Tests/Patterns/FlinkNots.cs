using Kappa.Streams.Patterns;
using static Kappa.Streams.Tests.Patterns.Steps;

namespace Kappa.Streams.Tests.Patterns;

/// <summary>Cases of NotPatternITCase.</summary>
internal static class FlinkNots
{
    private const string Before = "a1 b1 c1 b4 b5 b6 d1";
    private const string After = "a1 b1 b2 b3 c1 b4 b5 b6 d1";

    private static readonly string[] Eager =
        ["a1 b1 b4 b5 b6 d1", "a1 b1 b4 b5 d1", "a1 b1 b4 d1", "a1 b1 d1"];

    private static readonly string[] Combinations =
        [.. Eager, "a1 b1 b4 b6 d1", "a1 b1 b5 b6 d1", "a1 b1 b5 d1", "a1 b1 b6 d1"];

    private static Pattern<Letter> NotC => A.NotFollowedBy(C);

    public static IEnumerable<FlinkCase> All =>
    [
        Case("NotPatternITCase.testNotNext",
            A.NotNext(B).FollowedByAny(C).FollowedBy(D), "a1 c1 b1 c2 d", "a1 c1 d", "a1 c2 d"),
        Case("NotPatternITCase.testNotNextNoMatches",
            A.NotNext(B).FollowedBy(C).FollowedBy(D), "a1 b1 c1 c2 d"),
        Case("NotPatternITCase.testNotNextNoMatchesAtTheEnd",
            A.FollowedByAny(C).FollowedByAny(D).NotNext(B), "a1 c1 c2 d b1"),
        Case("NotPatternITCase.testNotFollowedBy",
            A.NotFollowedBy(B).FollowedByAny(C).FollowedBy(D), "a1 c1 b1 c2 d", "a1 c1 d"),
        Case("NotPatternITCase.testNotFollowedByBeforeOptional",
            A.NotFollowedBy(B).FollowedByAny(C.Optional()).FollowedBy(D), "a1 c1 b1 c2 d", "a1 c1 d"),
        Case("NotPatternITCase.testTimesWithNotFollowedBy",
            A.FollowedByAny(B.Times(2)).NotFollowedBy(C).FollowedBy(D), "a1 b1 c b2 d"),
        Case("NotPatternITCase.testIgnoreStateOfTimesWithNotFollowedBy",
            A.NotFollowedBy(B).FollowedByAny(C.Times(2).Optional()).FollowedBy(D), "a1 d1 e b1 c1 c2 d2", "a1 d1"),
        Case("NotPatternITCase.testTimesWithNotFollowedByAfter",
            A.FollowedByAny(B.Times(2)).NotFollowedBy(C).FollowedBy(D), "a1 d1 e b1 b2 c1 d2"),
        Case("NotPatternITCase.testNotFollowedByBeforeOptionalAtTheEnd",
            A.NotFollowedBy(B).FollowedByAny(C.Optional()), "a1 c1 b1 c2", "a1 c1", "a1"),
        Case("NotPatternITCase.testNotFollowedByBeforeOptionalTimes",
            A.NotFollowedBy(B).FollowedByAny(C.Times(2).Optional()).FollowedBy(D), "a1 c1 b1 c2 d", "a1 c1 c2 d"),
        Case("NotPatternITCase.testNotFollowedByWithBranchingAtStart",
            A.NotFollowedBy(B).FollowedBy(C).FollowedBy(D), "a1 b1 c1 a2 c2 d", "a2 c2 d"),
        Case("NotPatternITCase.testNotNextAfterOneOrMoreSkipTillNext",
            A.FollowedBy(B.OneOrMore()).NotNext(C).FollowedBy(D), "a1 b1 c1 b2 d1"),
        Case("NotPatternITCase.testNotNextAfterOneOrMoreSkipTillAny",
            A.FollowedByAny(B.OneOrMore()).NotNext(C).FollowedBy(D), "a1 b1 c1 b2 d1", "a1 b2 d1"),
        Case("NotPatternITCase.testNotFollowedByNextAfterOneOrMoreEager",
            A.FollowedBy(B.OneOrMore()).NotFollowedBy(C).FollowedBy(D), After),
        Case("NotPatternITCase.testNotFollowedByAnyAfterOneOrMoreEager",
            A.FollowedByAny(B.OneOrMore()).NotFollowedBy(C).FollowedBy(D), After,
            "a1 b4 b5 b6 d1", "a1 b4 b5 d1", "a1 b4 d1", "a1 b5 b6 d1", "a1 b5 d1", "a1 b6 d1"),
        Case("NotPatternITCase.testNotFollowedByNextAfterOneOrMoreCombinations",
            A.FollowedBy(B.OneOrMore().AllowCombinations()).NotFollowedBy(C).FollowedBy(D), After),
        Case("NotPatternITCase.testNotFollowedByAnyAfterOneOrMoreCombinations",
            A.FollowedByAny(B.OneOrMore().AllowCombinations()).NotFollowedBy(C).FollowedBy(D), After,
            "a1 b4 b5 b6 d1", "a1 b4 b5 d1", "a1 b4 b6 d1", "a1 b4 d1", "a1 b5 b6 d1", "a1 b5 d1", "a1 b6 d1"),
        Case("NotPatternITCase.testNotFollowedByAnyBeforeOneOrMoreEager",
            NotC.FollowedByAny(B.OneOrMore()).FollowedBy(D), Before, Eager),
        Case("NotPatternITCase.testNotFollowedByAnyBeforeOneOrMoreCombinations",
            NotC.FollowedByAny(B.OneOrMore().AllowCombinations()).FollowedBy(D), Before, Combinations),
        Case("NotPatternITCase.testNotFollowedByBeforeOneOrMoreEager",
            NotC.FollowedBy(B.OneOrMore()).FollowedBy(D), Before, Eager),
        Case("NotPatternITCase.testNotFollowedByBeforeOneOrMoreCombinations",
            NotC.FollowedBy(B.OneOrMore().AllowCombinations()).FollowedBy(D), Before, Combinations),
        Case("NotPatternITCase.testNotFollowedByBeforeZeroOrMoreEagerSkipTillNext",
            NotC.FollowedBy(B.OneOrMore().Optional()).FollowedBy(D), Before, Eager),
        Case("NotPatternITCase.testNotFollowedByBeforeZeroOrMoreCombinationsSkipTillNext",
            NotC.FollowedBy(B.OneOrMore().Optional().AllowCombinations()).FollowedBy(D), Before, Combinations),
        Case("NotPatternITCase.testNotFollowedByBeforeZeroOrMoreEagerSkipTillAny",
            NotC.FollowedByAny(B.OneOrMore().Optional()).FollowedBy(D), Before, Eager),
        Case("NotPatternITCase.testNotFollowedByBeforeZeroOrMoreCombinationsSkipTillAny",
            NotC.FollowedByAny(B.OneOrMore().Optional().AllowCombinations()).FollowedBy(D), Before, Combinations),
        Case("NotPatternITCase.testNotFollowedByWithinFirstAndLastAtEnd",
            A.NotFollowedBy(B).Within(TimeSpan.FromSeconds(3)), "a1@1 b1@2 a2@4 c@5 b2@10 a3@11 b3@13", "a2"),
        Case("NotPatternITCase.testNotFollowByBeforeTimesWithin",
            A.NotFollowedBy(B).FollowedBy(C.Times(0, 2)).Within(TimeSpan.FromSeconds(3)),
            "a1@1 b1@2 a2@10 c1@11 c2@12 a3@20 c3@21 c4@24",
            "a1", "a2", "a2 c1", "a2 c1 c2", "a3", "a3 c3"),
        Case("NotPatternITCase.testNotFollowedByWithinAtEndAfterMatch",
            A.OneOrMore().AllowCombinations().FollowedBy(C).NotFollowedBy(B).Within(TimeSpan.FromSeconds(5))
                .AfterMatch(Skip.PastLast), "a1@1 a2@2 a3@3 c1@4 c2@10", "a1 a2 a3 c1"),
    ];
}
