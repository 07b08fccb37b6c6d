using Kappa.Streams.Patterns;

namespace Kappa.Streams.Tests.Patterns;

/// <summary>A case of Apache Flink's CEP tests: its name, the pattern, the events, the matches in any order.</summary>
public sealed record FlinkCase(string Test, Pattern<Letter> Pattern, string Events, string[] Matches)
{
    public override string ToString() => Test;
}

/// <summary>What the cases are written with.</summary>
internal static class Steps
{
    public static readonly Step<Letter> A = Is("a");
    public static readonly Step<Letter> B = Is("b");
    public static readonly Step<Letter> C = Is("c");
    public static readonly Step<Letter> D = Is("d");
    public static readonly Step<Letter> E = Is("e");
    public static readonly Step<Letter> F = Is("f");

    public static Step<Letter> Is(string letter, string? name = null) =>
        Step.Of<Letter>(name ?? letter, one => one.Name == letter);

    /// <summary>The name holds a letter.</summary>
    public static Step<Letter> Has(string letter, string? name = null) =>
        Step.Of<Letter>(name ?? letter, one => one.Name.Contains(letter, StringComparison.Ordinal));

    public static double Sum(IEnumerable<Letter> letters) => letters.Sum(letter => letter.Price);

    public static FlinkCase Case(string test, Pattern<Letter> pattern, string events, params string[] matches) =>
        new(test, pattern, events, matches);
}
