using Microsoft.CodeAnalysis;
using Xunit;

namespace Kappa.Analyzers.Tests;

/// <summary>
/// Each code has its page; what the page shows as wrong is found under that code, and what it shows as right is clean.
/// </summary>
public sealed class PageTests
{
    public static TheoryData<string> Codes =>
        [.. Descriptors.Select(descriptor => descriptor.Id).Order(StringComparer.Ordinal)];

    private static IEnumerable<DiagnosticDescriptor> Descriptors =>
        [.. new JobAnalyzer().SupportedDiagnostics, BinaryGenerator.Descriptor];

    [Theory]
    [MemberData(nameof(Codes))]
    public async Task A_page_shows_what_is_found_and_what_is_right(string code)
    {
        var text = await File.ReadAllTextAsync(
            Path.Combine(AppContext.BaseDirectory, "Pages", code + ".cs"));
        var (wrong, right) = (PartOf(text, "wrong"), PartOf(text, "right"));

        var found = await Sources.FindAsync(Sources.Compile(text));

        Assert.NotEmpty(found);
        Assert.All(found, one =>
        {
            Assert.Equal(code, one.Id);
            Assert.InRange(one.Location.SourceSpan.Start, wrong.Start, wrong.End);
        });
        Assert.True(right.End > right.Start);
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void A_code_has_a_page_that_the_overview_links(string code)
    {
        var descriptor = Descriptors.Single(one => one.Id == code);
        var page = File.ReadAllText(Path.Combine(Repository.Root, descriptor.HelpLinkUri));
        var overview = File.ReadAllText(Path.Combine(Repository.Root, "docs/reference/analyzers.md"));

        Assert.StartsWith($"# {code}: {descriptor.Title}\n", page, StringComparison.Ordinal);
        Assert.Contains($"tests/Kappa.Analyzers.Tests/Pages/{code}.cs#wrong -->", page, StringComparison.Ordinal);
        Assert.Contains($"tests/Kappa.Analyzers.Tests/Pages/{code}.cs#right -->", page, StringComparison.Ordinal);
        Assert.Contains($"[{code}](analyzers/{code}.md)", overview, StringComparison.Ordinal);
    }

    [Fact]
    public void No_page_is_of_a_code_that_does_not_exist() => Assert.Equal(
        Descriptors.Select(descriptor => descriptor.Id).Order(StringComparer.Ordinal),
        Directory.GetFiles(Path.Combine(Repository.Root, "docs/reference/analyzers"))
            .Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal));

    private static (int Start, int End) PartOf(string text, string name) => (
        text.IndexOf($"// <{name}>", StringComparison.Ordinal),
        text.IndexOf($"// </{name}>", StringComparison.Ordinal));
}
