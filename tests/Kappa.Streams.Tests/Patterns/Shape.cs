using Kappa.Streams.Patterns;

namespace Kappa.Streams.Tests.Patterns;

/// <summary>What lies between two events, as the tests say it.</summary>
internal enum Gap
{
    None,
    Others,
    Anything,
}

/// <summary>
/// A pattern as plain data, made at random: the tests build the real pattern from it, and the oracle reads it itself.
/// </summary>
internal sealed record Shape
{
    public const int Endless = 99;

    /// <summary>Its number, for a step; −1 for a group.</summary>
    public int Step { get; init; } = -1;

    /// <summary>The letters a step takes.</summary>
    public string Letters { get; init; } = "";

    /// <summary>Does a step ask for a price other than that of the match's first event?</summary>
    public bool LooksBack { get; init; }

    public List<Shape> Group { get; init; } = [];

    public Gap Before { get; init; }

    public bool IsNot { get; init; }

    public int Min { get; init; } = 1;

    public int Max { get; init; } = 1;

    public bool IsRepeated { get; init; }

    public Gap Inner { get; init; } = Gap.Others;

    public bool IsOptional { get; init; }

    public bool IsGreedy { get; init; }

    public string? Until { get; init; }

    public bool IsNullable =>
        !IsNot && (IsOptional || (Step < 0 && Group.TrueForAll(one => one.IsNot || one.IsNullable)));

    /// <summary>Does an event fulfil the step, given the events taken before?</summary>
    public bool Holds(Letter one, IReadOnlyList<Letter> taken) =>
        Letters.Contains(one.Name, StringComparison.Ordinal)
        && (!LooksBack || taken.Count == 0 || one.Price != taken[0].Price);

    public static List<Shape> Random(Random random, ref int steps, int depth = 0)
    {
        var items = new List<Shape>();
        // A group of one item is that item: brackets around it say nothing.
        var count = depth == 0 ? random.Next(1, 5) : random.Next(2, 4);
        for (var i = 0; i < count; i++)
        {
            var isNot = i > 0 && random.Next(5) == 0 && (depth == 0 || i < count - 1);
            items.Add(isNot
                ? Letter(random, ref steps) with { IsNot = true, Before = (Gap)random.Next(2) }
                : Item(random, ref steps, depth) with { Before = (Gap)random.Next(3) });
        }

        return items;
    }

    public static Pattern<Letter> Build(IReadOnlyList<Shape> items)
    {
        Pattern<Letter>? pattern = null;
        foreach (var item in items)
        {
            pattern = pattern is null ? item.Build()
                : item.IsNot ? item.Before == Gap.None
                    ? pattern.NotNext(item.AsStep()) : pattern.NotFollowedBy(item.AsStep())
                : item.Before switch
                {
                    Gap.None => pattern.Next(item.Build()),
                    Gap.Others => pattern.FollowedBy(item.Build()),
                    _ => pattern.FollowedByAny(item.Build()),
                };
        }

        return pattern!;
    }

    private static Shape Letter(Random random, ref int steps)
    {
        string[] choices = ["a", "b", "c", "ab", "bc", "ac", "abc"];
        return new Shape
        {
            Step = steps++,
            Letters = choices[random.Next(choices.Length)],
            LooksBack = random.Next(6) == 0,
        };
    }

    private static Shape Item(Random random, ref int steps, int depth)
    {
        var item = depth < 2 && random.Next(4) == 0
            ? new Shape { Group = Random(random, ref steps, depth + 1) }
            : Letter(random, ref steps);
        if (!item.IsNullable && random.Next(2) == 0)
        {
            var min = random.Next(1, 3);
            var kind = random.Next(3);
            item = item with
            {
                IsRepeated = true,
                Min = min,
                Max = kind == 0 ? min : kind == 1 ? min + 1 : Endless,
                Inner = (Gap)random.Next(3),
                IsGreedy = item.Step >= 0 && random.Next(3) == 0,
                Until = kind == 2 && random.Next(3) == 0 ? "abcd".Substring(random.Next(4), 1) : null,
            };
        }

        // A group that comes once is its items: only what comes otherwise is a group.
        return item with { IsOptional = random.Next(4) == 0 || (item.Step < 0 && !item.IsRepeated) };
    }

    private Step<Letter> AsStep() => LooksBack
        ? Kappa.Streams.Patterns.Step.Of<Letter>("s" + Step, (one, soFar) => Holds(one, First(soFar)))
        : Kappa.Streams.Patterns.Step.Of<Letter>("s" + Step, one => Holds(one, []));

    private static IReadOnlyList<Letter> First(SoFar<Letter> soFar) => soFar.Last is { } last ? [last.First.Value] : [];

    private Pattern<Letter> Build()
    {
        var pattern = Step >= 0 ? AsStep() : Build(Group);
        if (IsRepeated)
        {
            pattern = Max == Endless ? pattern.TimesOrMore(Min) : pattern.Times(Min, Max);
            pattern = Inner == Gap.None ? pattern.Consecutive()
                : Inner == Gap.Anything ? pattern.AllowCombinations() : pattern;
            pattern = IsGreedy ? pattern.Greedy() : pattern;
            pattern = Until is { } until
                ? pattern.Until(one => until.Contains(one.Name, StringComparison.Ordinal)) : pattern;
        }

        return IsOptional ? pattern.Optional() : pattern;
    }
}
