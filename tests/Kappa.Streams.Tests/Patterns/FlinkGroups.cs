using Kappa.Streams.Patterns;
using static Kappa.Streams.Tests.Patterns.Steps;

namespace Kappa.Streams.Tests.Patterns;

/// <summary>Cases of GroupITCase.</summary>
internal static class FlinkGroups
{
    private const string Two = "c a1 b1 a2 b2 d";
    private const string Three = "c a1 b1 a2 b2 a3 b3 d";

    private static Pattern<Letter> Ab => A.FollowedBy(B);

    public static IEnumerable<FlinkCase> All =>
    [
        Case("GroupITCase.testGroupFollowedByTimes",
            C.FollowedBy(Ab.Times(2)).FollowedBy(D), Two, "c a1 b1 a2 b2 d"),
        Case("GroupITCase.testGroupFollowedByOptional",
            C.FollowedBy(Ab.Optional()).FollowedBy(D), "c a1 a2 b d", "c d", "c a1 b d"),
        Case("GroupITCase.testFollowedByGroupTimesOptional",
            C.FollowedBy(Ab.Times(2).Optional()).FollowedBy(D), "c a d", "c d"),
        Case("GroupITCase.testGroupFollowedByOneOrMore",
            C.FollowedBy(Ab.OneOrMore()).FollowedBy(D), Two, "c a1 b1 d", "c a1 b1 a2 b2 d"),
        Case("GroupITCase.testGroupFollowedByZeroOrMore",
            C.FollowedBy(Ab.OneOrMore().Optional()).FollowedBy(D), Two, "c d", "c a1 b1 d", "c a1 b1 a2 b2 d"),
        Case("GroupITCase.testGroupFollowedByAnyTimesCombinations",
            C.FollowedByAny(Ab.Times(2).AllowCombinations()).FollowedBy(D), Three,
            "c a1 b1 a2 b2 d", "c a1 b1 a3 b3 d", "c a2 b2 a3 b3 d"),
        Case("GroupITCase.testGroupFollowedByAnyTimesOptional",
            C.FollowedByAny(Ab.Times(2).Optional()).FollowedBy(D), Three,
            "c d", "c a1 b1 a2 b2 d", "c a2 b2 a3 b3 d"),
        Case("GroupITCase.testGroupFollowedByAnyOneOrMore",
            C.FollowedByAny(Ab.OneOrMore()).FollowedBy(D), Three,
            "c a1 b1 d", "c a2 b2 d", "c a3 b3 d", "c a1 b1 a2 b2 d", "c a2 b2 a3 b3 d", "c a1 b1 a2 b2 a3 b3 d"),
        Case("GroupITCase.testGroupNextZeroOrMore",
            C.Next(Ab.OneOrMore().Optional().Consecutive()).FollowedBy(D), Three,
            "c d", "c a1 b1 d", "c a1 b1 a2 b2 d", "c a1 b1 a2 b2 a3 b3 d"),
        Case("GroupITCase.testGroupNotFollowedBy",
            C.FollowedByAny(Ab).NotFollowedBy(D).FollowedBy(E), "c a1 b1 d a2 b2 e", "c a2 b2 e"),
        Case("GroupITCase.testGroupNotNext",
            C.FollowedByAny(Ab).NotNext(D).FollowedBy(E), "c a1 b1 d a2 b2 e", "c a2 b2 e"),
        Case("GroupITCase.testGroupNest",
            D.FollowedBy(A.FollowedBy(B.FollowedBy(C).OneOrMore().Optional()).Optional()).FollowedBy(E),
            "d a1 b1 c1 b2 c2 e", "d e", "d a1 e", "d a1 b1 c1 e", "d a1 b1 c1 b2 c2 e"),
        Case("GroupITCase.testGroupNestTimes",
            D.FollowedByAny(A.FollowedBy(B.FollowedBy(C).Times(3)).Times(0, 2)).FollowedBy(E),
            "d a1 b1 c1 b2 c2 b3 c3 a2 b4 c4 b5 c5 b6 c6 e",
            "d e", "d a1 b1 c1 b2 c2 b3 c3 e", "d a2 b4 c4 b5 c5 b6 c6 e",
            "d a1 b1 c1 b2 c2 b3 c3 a2 b4 c4 b5 c5 b6 c6 e"),
        Case("GroupITCase.testGroupNestTimesConsecutive",
            D.FollowedByAny(A.FollowedBy(B.FollowedBy(C).Times(3).Consecutive()).Times(0, 2).Consecutive())
                .FollowedBy(E),
            "d a1 b1 c1 b2 c2 b3 c3 a2 b4 c4 x b5 c5 b6 c6 e", "d e", "d a1 b1 c1 b2 c2 b3 c3 e"),
        Case("GroupITCase.testGroupBegin", Ab.Times(1, 2).FollowedBy(D), "a1 b1 a2 b2 d",
            "a1 b1 d", "a2 b2 d", "a1 b1 a2 b2 d"),
        Case("GroupITCase.testGroupFollowedByOneOrMoreWithUntilCondition",
            C.FollowedBy(Ab.OneOrMore().Until(one => one.Name == "d")).FollowedBy(D), Two,
            "c a1 b1 d", "c a1 b1 a2 b2 d"),
        Case("GroupITCase.testGroupStartsWithOptionalPattern",
            A.Next(B.Optional().Next(C)).Next(D), "a c d", "a c d"),
        Case("GroupITCase.testFollowedByOptionalGroupPattern",
            A.FollowedBy(B.Next(C).Optional()).Next(D), "a d1 d2", "a d1"),
    ];
}
