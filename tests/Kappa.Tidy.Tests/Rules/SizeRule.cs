using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kappa.Tidy.Tests.Rules;

/// <summary>A file can be read in one sitting, a method on one screen.</summary>
internal static class SizeRule
{
    public const int FileLinesMax = 400;
    public const int TestLinesMax = 600;
    public const int ColumnsMax = 120;
    public const int MethodLinesMax = 70;
    public const int PageLinesMax = 300;

    private static readonly string[] ShortPages = ["ARCHITECTURE.md", "CHANGELOG.md"];

    public static IEnumerable<Violation> Check(SourceText file)
    {
        var linesMax = file.IsIn("tests") ? TestLinesMax : FileLinesMax;
        if (file.IsCSharp && file.Lines.Count > linesMax)
        {
            yield return file.Breaks(linesMax + 1, $"{file.Lines.Count} lines; a file has at most {linesMax}.");
        }

        if (ShortPages.Contains(file.Path) && file.Lines.Count > PageLinesMax)
        {
            yield return file.Breaks(PageLinesMax + 1, $"{file.Lines.Count} lines; at most {PageLinesMax}.");
        }

        if (!file.IsCSharp)
        {
            yield break;
        }

        for (var i = 0; i < file.Lines.Count; i++)
        {
            if (file.Lines[i].Length > ColumnsMax)
            {
                yield return file.Breaks(i + 1, $"{file.Lines[i].Length} columns; a line has at most {ColumnsMax}.");
            }
        }

        foreach (var method in file.Syntax.DescendantNodes().Where(IsMethod))
        {
            var span = method.GetLocation().GetLineSpan();
            var lines = span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
            if (lines > MethodLinesMax)
            {
                yield return file.Breaks(
                    method, $"{lines} lines; a method has at most {MethodLinesMax}.");
            }
        }
    }

    private static bool IsMethod(SyntaxNode node) =>
        node is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or AccessorDeclarationSyntax;
}
