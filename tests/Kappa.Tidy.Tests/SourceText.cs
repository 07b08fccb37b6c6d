using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Kappa.Tidy.Tests;

/// <summary>A text file of the repository: its path from the root, with '/', and its text.</summary>
internal sealed record SourceText(string Path, string Text)
{
    private readonly Lazy<SyntaxNode> _syntax = new(() => CSharpSyntaxTree.ParseText(Text).GetRoot());

    public IReadOnlyList<string> Lines { get; } = Text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');

    public SyntaxNode Syntax => _syntax.Value;

    public bool IsCSharp => Path.EndsWith(".cs", StringComparison.Ordinal);

    public bool IsMarkdown => Path.EndsWith(".md", StringComparison.Ordinal);

    public bool IsProject => Path.EndsWith(".csproj", StringComparison.Ordinal);

    public bool IsIn(string folder) => Path.StartsWith(folder + "/", StringComparison.Ordinal);

    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    public Violation Breaks(int line, string text) => new(Path, line, text);

    public Violation Breaks(SyntaxNodeOrToken syntax, string text) =>
        Breaks(syntax.GetLocation()!.GetLineSpan().StartLinePosition.Line + 1, text);
}
