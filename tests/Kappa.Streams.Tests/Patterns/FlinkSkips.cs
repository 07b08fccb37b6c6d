using Kappa.Streams.Patterns;
using static Kappa.Streams.Tests.Patterns.Steps;

namespace Kappa.Streams.Tests.Patterns;

/// <summary>Cases of AfterMatchSkipITCase.</summary>
internal static class FlinkSkips
{
    private const string Abs = "a1 b1 a2 b2 b3 a3 b4";

    private static readonly Step<Letter> X = Is("x");
    private static readonly Step<Letter> Ab = Has("b", "b");
    private static readonly Step<Letter> BeginA = Has("a", "start");
    private static readonly Step<Letter> EndB = Has("b", "end");

    private static readonly Step<Letter> AOrC =
        Step.Of<Letter>("a-or-c", one => one.Name is "a" or "c");

    private static readonly Step<Letter> BOrC =
        Step.Of<Letter>("b-or-c", one => one.Name is "b" or "c");

    private static readonly Step<Letter> SamePrice = Step.Of<Letter>("b", (one, soFar) =>
        one.Name == "b" && soFar[A][0].Price == one.Price);

    private static Pattern<Letter> AThenBs => A.Next(B.OneOrMore().Consecutive());

    private static Pattern<Letter> AsThenB => A.OneOrMore().Consecutive().Greedy().Next(B);

    private static Pattern<Letter> Twice => BeginA.Times(2).Next(EndB.Times(2));

    private static Pattern<Letter> Missed => A.Next(B.OneOrMore().Optional().Consecutive()).Next(C);

    public static IEnumerable<FlinkCase> All =>
    [
        Case("AfterMatchSkipITCase.testNoSkip", A.Times(3).AfterMatch(Skip.None), "a1 a2 a3 a4 a5 a6",
            "a1 a2 a3", "a2 a3 a4", "a3 a4 a5", "a4 a5 a6"),
        Case("AfterMatchSkipITCase.testNoSkipWithFollowedByAny", A.FollowedByAny(B), "a1 b1 a2 b2",
            "a1 b1", "a1 b2", "a2 b2"),
        Case("AfterMatchSkipITCase.testSkipToNextWithFollowedByAny",
            A.FollowedByAny(B).AfterMatch(Skip.ToNext), "a1 b1 a2 b2", "a1 b1", "a2 b2"),
        Case("AfterMatchSkipITCase.testNoSkipWithQuantifierAtTheEnd",
            A.Next(B.OneOrMore()), "a1 b1 b2 b3", "a1 b1 b2 b3", "a1 b1 b2", "a1 b1"),
        Case("AfterMatchSkipITCase.testSkipToNextWithQuantifierAtTheEnd",
            A.Next(B.OneOrMore()).AfterMatch(Skip.ToNext), "a1 b1 b2 b3", "a1 b1"),
        Case("AfterMatchSkipITCase.testSkipPastLast",
            A.Times(3).AfterMatch(Skip.PastLast), "a1 a2 a3 a4 a5 a6", "a1 a2 a3", "a4 a5 a6"),
        Case("AfterMatchSkipITCase.testSkipToFirst",
            Twice.AfterMatch(Skip.ToFirst(EndB)), "ab1 ab2 ab3 ab4 ab5 ab6", "ab1 ab2 ab3 ab4", "ab3 ab4 ab5 ab6"),
        Case("AfterMatchSkipITCase.testSkipToLast",
            Twice.AfterMatch(Skip.ToLast(EndB)), "ab1 ab2 ab3 ab4 ab5 ab6 ab7",
            "ab1 ab2 ab3 ab4", "ab4 ab5 ab6 ab7"),
        Case("AfterMatchSkipITCase.testSkipPastLast2",
            A.FollowedByAny(B).FollowedByAny(C).FollowedBy(D).AfterMatch(Skip.PastLast),
            "a1 a2 b1 b2 c1 c2 d1 d2", "a1 b1 c1 d1"),
        Case("AfterMatchSkipITCase.testSkipPastLast3",
            A.Next(B).AfterMatch(Skip.PastLast), "a1 c a2 b2", "a2 b2"),
        Case("AfterMatchSkipITCase.testSkipToFirstWithOptionalMatch",
            X.OneOrMore().Optional().Next(Ab).Next(C).AfterMatch(Skip.ToFirst(Ab)), "ab1 c1 ab2 c2",
            "ab1 c1", "ab2 c2"),
        Case("AfterMatchSkipITCase.testSkipToFirstAtStartPosition",
            Ab.Next(C).AfterMatch(Skip.ToFirst(Ab)), "ab1 c1 ab2 c2", "ab1 c1", "ab2 c2"),
        Case("AfterMatchSkipITCase.testSkipToFirstWithOneOrMore",
            AThenBs.AfterMatch(Skip.ToFirst(B)), Abs, "a1 b1", "a2 b2", "a3 b4"),
        Case("AfterMatchSkipITCase.testSkipToLastWithOneOrMore",
            AThenBs.AfterMatch(Skip.ToLast(B)), Abs, "a1 b1", "a2 b2", "a3 b4"),
        Case("AfterMatchSkipITCase.testSkipToFirstNonExistentPositionWithoutException",
            Missed.AfterMatch(Skip.ToFirst(B)), "a c", "a c"),
        Case("AfterMatchSkipITCase.testSkipToLastNonExistentPositionWithoutException",
            Missed.AfterMatch(Skip.ToLast(B)), "a c", "a c"),
        Case("AfterMatchSkipITCase.testSkipPastLastWithOneOrMoreAtBeginning",
            AsThenB.AfterMatch(Skip.PastLast), "a1 a2 a3 b1", "a1 a2 a3 b1"),
        Case("AfterMatchSkipITCase.testSkipToLastWithOneOrMoreAtBeginning",
            AsThenB.AfterMatch(Skip.ToLast(A)), "a1 a2 a3 b1", "a1 a2 a3 b1", "a3 b1"),
        Case("AfterMatchSkipITCase.testSkipToFirstWithOneOrMoreAtBeginning",
            AsThenB.AfterMatch(Skip.ToFirst(A)), "a1 a2 a3 b1", "a1 a2 a3 b1", "a2 a3 b1", "a3 b1"),
        Case("AfterMatchSkipITCase.testNoSkipWithOneOrMoreAtBeginning",
            AsThenB, "a1 a2 a3 b1", "a1 a2 a3 b1", "a2 a3 b1", "a3 b1"),
        Case("AfterMatchSkipITCase.testSkipToFirstDiscarding",
            AOrC.FollowedBy(BOrC).FollowedBy(C.OneOrMore().Greedy()).FollowedBy(D).AfterMatch(Skip.ToFirst(C)),
            "a b c1 c2 c3 d", "a b c1 c2 c3 d", "c1 c2 c3 d"),
        Case("AfterMatchSkipITCase.testSkipBeforeOtherAlreadyCompleted",
            A.FollowedBy(C).FollowedBy(SamePrice).AfterMatch(Skip.ToFirst(C)),
            "a1=0 c1=0 a2=1 c2=0 b1=1 b2=0", "a1 c1 b2", "a2 c2 b1"),
    ];
}
