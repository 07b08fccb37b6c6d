using Kappa.Streams.Patterns;
using static Kappa.Streams.Tests.Patterns.Steps;

namespace Kappa.Streams.Tests.Patterns;

/// <summary>Cases of NFAITCase about contiguity, within, optional and predicates that see the match.</summary>
internal static class FlinkSequences
{
    private const string Foos = "start1=1 foo1=1 foo2=2 start2=2 foo3=3 foo4=1 next1 end1";

    private static readonly Step<Letter> Start = Is("start");
    private static readonly Step<Letter> End = Is("end");

    private static readonly Step<Letter> Foo = Step.Of<Letter>("middle", (one, soFar) =>
        one.Name == "foo" && Sum(soFar["middle"]) + one.Price < 5.0);

    private static readonly Step<Letter> Starts = Step.Of<Letter>("start", (one, soFar) =>
        one.Name == "start" && Sum(soFar["start"]) + one.Price < 5.0);

    private static readonly Step<Letter> EndOfTwo = Step.Of<Letter>("end", (one, soFar) =>
        one.Name == "end" && Sum(soFar["start"]) >= 2.0);

    private static readonly Step<Letter> Middles = Step.Of<Letter>("middle2", (one, soFar) =>
        one.Name == "start" && Sum(soFar["middle2"]) + one.Price <= 5.0);

    public static IEnumerable<FlinkCase> All =>
    [
        Case("NFAITCase.testNoConditionNFA",
            Step.Of<Letter>("start", _ => true).FollowedByAny(Step.Of<Letter>("end", _ => true)), "a b c d e",
            "a b", "a c", "a d", "a e", "b c", "b d", "b e", "c d", "c e", "d e"),
        Case("NFAITCase.testSimplePatternNFA",
            Start.FollowedBy(Step.Of<Letter>("middle", one => one.Price > 5)).FollowedBy(End),
            "start1=1 foobar=1 barfoo=5 foo=10 start2=1 end=1", "start1 foo end"),
        Case("NFAITCase.testStrictContinuityWithResults", A.Next(B), "a1 b1", "a1 b1"),
        Case("NFAITCase.testStrictContinuityNoResults", A.Next(B), "a1 c1 b1"),
        Case("NFAITCase.testSimplePatternWithTimeWindowNFA",
            Start.FollowedBy(Is("middle")).FollowedBy(End).Within(TimeSpan.FromSeconds(10)),
            "start1@1 start2@2 middle3@3 foobar4@4 end5@11 end6@13", "start2 middle3 end5"),
        Case("NFAITCase.testBranchingPattern",
            Start.FollowedByAny(Is("foo")).FollowedByAny(Is("next")).FollowedByAny(End),
            "start foo1 foo2 foo3 next1 next2 end",
            "start foo1 next1 end", "start foo2 next1 end", "start foo3 next1 end", "start foo1 next2 end",
            "start foo2 next2 end", "start foo3 next2 end"),
        Case("NFAITCase.testOptional", C.FollowedBy(A.Optional()).FollowedBy(B), "c a b", "c a b", "c b"),
        Case("NFAITCase.testStartWithOptional", C.Optional().FollowedBy(B), "c b", "c b", "b"),
        Case("NFAITCase.testEndWithOptional", C.FollowedBy(A.Optional()), "c a", "c a", "c"),
        Case("IterativeConditionsITCase.testIterativeWithBranchingPatternEager",
            Start.FollowedBy(Foo.OneOrMore()).FollowedBy(End), Foos,
            "start1 foo1 foo2 foo4 end1", "start1 foo1 foo2 end1", "start1 foo1 end1", "start2 foo3 foo4 end1",
            "start2 foo3 end1"),
        Case("IterativeConditionsITCase.testIterativeWithBranchingPatternCombinations",
            Start.FollowedBy(Foo.OneOrMore().AllowCombinations()).FollowedBy(End), Foos,
            "start1 foo1 foo2 foo4 end1", "start1 foo1 foo2 end1", "start1 foo1 foo3 end1", "start2 foo3 foo4 end1",
            "start1 foo1 foo4 end1", "start1 foo1 end1", "start2 foo3 end1"),
        Case("IterativeConditionsITCase.testIterativeWithLoopingStartingEager",
            Starts.OneOrMore().Optional().FollowedBy(End), "start1=1 start2=2 start3=3 end",
            "start1 start2 end", "start1 end", "start2 end", "start3 end", "end"),
        Case("IterativeConditionsITCase.testIterativeWithLoopingStartingCombination",
            Starts.OneOrMore().AllowCombinations().Optional().FollowedBy(End), "start1=1 start2=2 start3=3 end",
            "start1 start2 end", "start1 start3 end", "start1 end", "start2 end", "start3 end", "end"),
        Case("IterativeConditionsITCase.testIterativeWithPrevPatternDependency",
            Start.OneOrMore().FollowedBy(EndOfTwo), "start1=1 start2=2 end", "start1 start2 end", "start2 end"),
        Case("IterativeConditionsITCase.testIterativeWithABACPattern",
            Start.FollowedByAny(Is("foo")).FollowedBy(Middles.OneOrMore()).FollowedBy(End),
            "start1=1 foo1 start2=2 start3=3 foo2 start4=4 foo3 foo4 end",
            "start1 foo1 start2 start3 end", "start1 foo1 start2 end", "start1 foo2 start4 end",
            "start2 foo2 start4 end", "start3 foo2 start4 end"),
        Case("IterativeConditionsITCase.testIterativeWithPrevPatternDependencyAfterBranching",
            Start.OneOrMore().FollowedByAny(Is("foo")).FollowedByAny(EndOfTwo),
            "start1=1 start2=2 foo1 start3=3 foo2 end",
            "start1 start2 foo1 end", "start2 foo1 end", "start1 start2 foo2 end", "start1 start2 start3 foo2 end",
            "start2 start3 foo2 end", "start2 foo2 end", "start3 foo2 end"),
        Case("SameElementITCase.testClearingBuffer",
            A.FollowedBy(B).FollowedBy(C).FollowedBy(D), "a b c@1 d@1", "a b c d"),
        Case("SameElementITCase.testSimplePatternWSameElement",
            C.FollowedByAny(A).FollowedBy(B), "c a1@3 a2@3 b@7", "c a1 b", "c a2 b"),
    ];
}
