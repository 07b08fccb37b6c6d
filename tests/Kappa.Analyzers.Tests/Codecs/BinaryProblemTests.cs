using Xunit;

namespace Kappa.Analyzers.Tests.Codecs;

/// <summary>Events no code can be generated for are named when they are compiled.</summary>
public sealed class BinaryProblemTests
{
    [Theory]
    [InlineData("⟦011: [BinaryEvent] public sealed record Pair<T>(T Left, T Right);⟧", "type parameters")]
    [InlineData("⟦011: [BinaryEvent] public abstract record Shape(int Corners);⟧", "cannot be made")]
    [InlineData("⟦011: [BinaryEvent] public ref struct Window { public int Size; }⟧", "cannot be made")]
    [InlineData("⟦011: [BinaryEvent] public sealed class Cart(int size) { public int Size => size; }⟧",
        "without a name")]
    [InlineData("⟦011: [BinaryEvent] file sealed record Hidden(int Size);⟧", "hidden")]
    [InlineData("public class Outer { ⟦011: [BinaryEvent] private sealed record Own(int Size);⟧ }", "hidden")]
    [InlineData("⟦011: [BinaryEvent] public sealed class Odd : System.IO.MemoryStream { }⟧", "of another project")]
    [InlineData("[BinaryEvent] public sealed record Fine(int Size);", "")]
    [InlineData("[BinaryEvent] public sealed record Finer(List<int> Sizes);", "")]
    public async Task What_stands_in_the_way_is_said(string marked, string problem)
    {
        await Sources.CheckAsync(marked);
        Assert.All(
            await Sources.FindAsync(Sources.Compile(Marked.Read(marked).Text)),
            found => Assert.Contains(problem, found.GetMessage(null), StringComparison.Ordinal));
    }
}
