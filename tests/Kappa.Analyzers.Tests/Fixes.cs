using Kappa.Analyzers.CodeFixes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace Kappa.Analyzers.Tests;

/// <summary>Applies the fixes to a text until none is left to apply.</summary>
internal static class Fixes
{
    private static readonly ExpressionFix[] All = [new ClockFix(), new OrderByFix(), new InOrderFix()];

    public static async Task<(string Text, IReadOnlyList<Diagnostic> Left)> ApplyAsync(string text)
    {
        while (true)
        {
            using var workspace = new AdhocWorkspace();
            var project = workspace.AddProject(ProjectInfo.Create(
                ProjectId.CreateNewId(), VersionStamp.Default, "Jobs", "Jobs", LanguageNames.CSharp,
                metadataReferences: Sources.References,
                parseOptions: new CSharpParseOptions(LanguageVersion.Latest),
                compilationOptions: new CSharpCompilationOptions(
                    OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable)));
            workspace.AddDocument(project.Id, "File0.cs", SourceText.From(Sources.Prelude));
            var document = workspace.AddDocument(project.Id, "File1.cs", SourceText.From(text));
            var found = await Sources.FindAsync(Sources.Compile(text));
            var changed = await FirstAsync(document, found);
            if (changed is null)
            {
                return (text, found);
            }

            text = changed;
        }
    }

    private static async Task<string?> FirstAsync(Document document, IEnumerable<Diagnostic> found)
    {
        foreach (var diagnostic in found)
        {
            CodeAction? offered = null;
            foreach (var fix in All.Where(fix => fix.FixableDiagnosticIds.Contains(diagnostic.Id)))
            {
                await fix.RegisterCodeFixesAsync(new CodeFixContext(
                    document, diagnostic.Location.SourceSpan, [diagnostic],
                    (action, _) => offered ??= action, CancellationToken.None));
            }

            if (offered is not null)
            {
                var operations = await offered.GetOperationsAsync(CancellationToken.None);
                var solution = operations.OfType<ApplyChangesOperation>().Single().ChangedSolution;
                return (await solution.GetDocument(document.Id)!.GetTextAsync()).ToString();
            }
        }

        return null;
    }
}
