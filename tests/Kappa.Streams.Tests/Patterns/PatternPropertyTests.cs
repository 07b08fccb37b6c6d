using Kappa.Streams.Patterns;
using Xunit;
using Xunit.Abstractions;

namespace Kappa.Streams.Tests.Patterns;

/// <summary>
/// Random patterns over random events against brute force (rules O5, T4, T6): contiguity, repeats, optional, until,
/// greedy, negation, absence, groups, within, after-match skip; times, events, steps and order of every match.
/// </summary>
public sealed class PatternPropertyTests(ITestOutputHelper output)
{
    private const int Count = 1_500;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Detect_finds_what_brute_force_finds_O5_T6(int block)
    {
        var matches = 0;
        var patterns = new HashSet<string>();
        for (var seed = block * 1_000_000; seed < (block * 1_000_000) + Count; seed++)
        {
            var random = new Random(seed);
            var steps = 0;
            var shapes = Shape.Random(random, ref steps);
            var isAbsence = shapes[^1] is { IsNot: true, Before: not Gap.None };
            TimeSpan? within = isAbsence || random.Next(3) > 0 ? TimeSpan.FromSeconds(random.Next(1, 10)) : null;
            var skip = random.Next(2) == 0 ? Skip.None : RandomSkip(random, steps);
            var pattern = (within is { } time
                ? Shape.Build(shapes).Within(time, 100_000) : Shape.Build(shapes).Within(Within.Unbounded(100_000)))
                .AfterMatch(skip);
            var events = Events(random);

            var expected = new PatternOracle(shapes, events, within).Matches(skip);
            var found = Detection.Of(pattern, events);

            patterns.Add(pattern.ToString());
            matches += expected.Count;
            Assert.True(expected.SequenceEqual(found), $"""
                seed {seed}: {pattern}
                letters: {string.Join(", ", Letters(shapes))}
                events: {string.Join(' ', events.Select(one =>
                    $"{one.Id}@{(one.At - Letter.Origin).TotalSeconds}={one.Price}"))}
                expected: {string.Join(" | ", expected)}
                found:    {string.Join(" | ", found)}
                """);
        }

        output.WriteLine($"seeds from {block}000000: {patterns.Count} patterns, {matches} matches");
        Assert.True(matches > 1_000, $"{matches}");
    }

    private static Skip RandomSkip(Random random, int steps)
    {
        var step = Step.Of<Letter>("s" + random.Next(steps), _ => true);
        return random.Next(4) switch
        {
            0 => Skip.PastLast,
            1 => Skip.ToNext,
            2 => Skip.ToFirst(step),
            _ => Skip.ToLast(step),
        };
    }

    private static List<Letter> Events(Random random)
    {
        var events = new List<Letter>();
        var at = Letter.Origin;
        var count = random.Next(1, 9);
        for (var i = 0; i < count; i++)
        {
            at = at.AddSeconds(random.Next(3));
            var name = "abcd".Substring(random.Next(random.Next(3) == 0 ? 4 : 3), 1);
            events.Add(new Letter(name + i, name, at, random.Next(2)));
        }

        return events;
    }

    private static IEnumerable<string> Letters(IEnumerable<Shape> shapes) => shapes.SelectMany(shape => shape.Step < 0
        ? Letters(shape.Group)
        : [$"s{shape.Step}={shape.Letters} looks back {shape.LooksBack} until {shape.Until}"]);
}
