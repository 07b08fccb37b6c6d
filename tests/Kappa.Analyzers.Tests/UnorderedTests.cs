using Xunit;

namespace Kappa.Analyzers.Tests;

/// <summary>Where the order of a dictionary or a set can be seen, and where it cannot.</summary>
public sealed class UnorderedTests
{
    private const string Held = """
        public static class Held
        {
            public static Dictionary<string, int> Map(Order order) => [];
            public static IReadOnlyDictionary<string, int> View(Order order) => new Dictionary<string, int>();
            public static ImmutableDictionary<string, double> Prices(Order order) =>
                ImmutableDictionary<string, double>.Empty;
            public static ImmutableHashSet<int> Marks(Order order) => [];
            public static FrozenSet<string> Names(Order order) => [];
            public static ConcurrentDictionary<string, int> Shared(Order order) => new();
            public static ImmutableSortedDictionary<string, int> Sorted(Order order) =>
                ImmutableSortedDictionary<string, int>.Empty;
            public static List<int> List(Order order) => [];
        }
        """;

    [Theory]
    [InlineData("⟦006: Held.Map(order)⟧.First()")]
    [InlineData("⟦006: Held.View(order)⟧.First()")]
    [InlineData("⟦006: Held.Map(order).Keys⟧.First()")]
    [InlineData("⟦006: Held.Prices(order).Values⟧.ToList()")]
    [InlineData("⟦006: Held.Prices(order).Keys⟧.Last()")]
    [InlineData("⟦006: Held.Marks(order)⟧.ToImmutableArray()")]
    [InlineData("⟦006: Held.Names(order)⟧.Where(name => name.Length > 4).Select(name => name + 1).ToArray()")]
    [InlineData("⟦006: Held.Shared(order)⟧.Aggregate(0, (sum, pair) => sum + pair.Value)")]
    [InlineData("⟦006: Held.Map(order)⟧.Take(3).OrderBy(pair => pair.Key).ToList()")]
    [InlineData("⟦006: Held.Map(order)⟧.MaxBy(pair => pair.Value)")]
    [InlineData("⟦006: Held.Prices(order).Values⟧.Sum()")]
    [InlineData("⟦006: Held.Prices(order)⟧.Sum(pair => pair.Value)")]
    [InlineData("⟦006: Held.Prices(order)⟧.Average(pair => (double?)pair.Value)")]
    [InlineData("string.Join(\",\", ⟦006: Held.Names(order)⟧)")]
    [InlineData("string.Join(\",\", ⟦006: Held.Map(order)⟧.Select(pair => pair.Key))")]
    [InlineData("new List<int>(⟦006: Held.Marks(order)⟧)")]
    [InlineData("new List<int> { 4 }.Concat(⟦006: Held.Marks(order)⟧).ToList()")]
    [InlineData("new int[] { 1, 2 }.Zip(⟦006: Held.Marks(order)⟧).Count()")]
    [InlineData("(from pair in ⟦006: Held.Map(order)⟧ where pair.Value > 1 select pair.Key).First()")]
    [InlineData("new List<int>([1, .. ⟦006: Held.Marks(order)⟧])")]
    [InlineData("⟦006: Held.Map(order)⟧.GetEnumerator().MoveNext()")]
    public Task An_order_that_shows_is_a_finding(string expression) =>
        Sources.CheckAsync(Sources.Select(expression), Held);

    [Theory]
    [InlineData("Held.Map(order).Count()")]
    [InlineData("Held.Map(order).Count")]
    [InlineData("Held.Map(order)[order.Id]")]
    [InlineData("Held.Map(order).ContainsKey(order.Id)")]
    [InlineData("Held.Map(order).Keys.Contains(order.Id)")]
    [InlineData("Held.Map(order).Any(pair => pair.Value > 1)")]
    [InlineData("Held.Map(order).Sum(pair => pair.Value)")]
    [InlineData("Held.Map(order).Values.Max()")]
    [InlineData("Held.Map(order).Where(pair => pair.Value > 1).All(pair => pair.Key.Length > 1)")]
    [InlineData("Held.Map(order).OrderBy(pair => pair.Key).First()")]
    [InlineData("Held.Map(order).Select(pair => pair.Key).Order().ToList()")]
    [InlineData("Held.Prices(order).OrderBy(pair => pair.Key).Sum(pair => pair.Value)")]
    [InlineData("Held.Marks(order).ToImmutableHashSet()")]
    [InlineData("Held.Marks(order).ToImmutableSortedSet()")]
    [InlineData("Held.Marks(order).Union(Held.Marks(order)).Count")]
    [InlineData("new HashSet<int>(Held.Marks(order)).Count")]
    [InlineData("new SortedSet<int>(Held.Marks(order)).First()")]
    [InlineData("Held.Map(order).ToDictionary(pair => pair.Key, pair => pair.Value).Count")]
    [InlineData("Held.Prices(order).AddRange(Held.Prices(order))")]
    [InlineData("Held.Sorted(order).First()")]
    [InlineData("Held.List(order).First()")]
    [InlineData("new { Map = Held.Map(order) }")]
    public Task An_order_that_cannot_show_is_none(string expression) =>
        Sources.CheckAsync(Sources.Select(expression), Held);

    [Theory]
    [InlineData("foreach (var pair in ⟦006: Held.Map(order)⟧) { return pair.Key; } return null;")]
    [InlineData("var sum = 0.0; foreach (var price in ⟦006: Held.Prices(order).Values⟧) { sum += price; } return sum;")]
    [InlineData(
        "var list = new List<int>(); foreach (var mark in ⟦006: Held.Marks(order)⟧) list.Add(mark); return list;")]
    [InlineData("var keys = Held.Map(order).Select(pair => pair.Key); return ⟦006: keys⟧.First();", true)]
    [InlineData("var sum = 0; foreach (var pair in Held.Map(order)) { sum += pair.Value; } return sum;")]
    [InlineData("var n = 0; foreach (var mark in Held.Marks(order)) { if (mark > 4) { n++; } } return n;")]
    [InlineData("foreach (var pair in Held.Map(order).OrderBy(pair => pair.Key)) { return pair.Key; } return null;")]
    [InlineData("foreach (var pair in Held.Sorted(order)) { return pair.Key; } return null;")]
    [InlineData("var keys = Held.Map(order).Select(pair => pair.Key); return keys.Order().First();")]
    [InlineData("for (var i = 0; i < Held.List(order).Count; i++) { } return null;")]
    public Task Loops_and_variables_are_read(string statements, bool isLocal = false) => Sources.CheckAsync(
        Sources.Statements(isLocal
            ? statements.Replace("⟦006: keys⟧", "keys", StringComparison.Ordinal)
                .Replace("Held.Map(order)", "⟦006: Held.Map(order)⟧", StringComparison.Ordinal)
            : statements),
        Held);

    [Fact]
    public Task A_sequence_that_is_returned_takes_its_order_along() => Sources.CheckAsync(
        Sources.Select("Kept.Keys(order).Count()"), """
        public static class Kept
        {
            public static IEnumerable<string> Keys(Order order)
            {
                Dictionary<string, int> map = [];
                return ⟦006: map⟧.Select(pair => pair.Key + Whole(order).Count);
            }

            private static Dictionary<string, int> Whole(Order order) => new Dictionary<string, int>();
        }
        """);
}
