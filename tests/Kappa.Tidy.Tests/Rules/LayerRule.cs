using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kappa.Tidy.Tests.Rules;

/// <summary>
/// Inside a project, folders form layers: no two folders use each other, not even by way of others. A folder sees the
/// folder around it without a using, so that pair is left out. The engine does not know its operators by name: an
/// operator is a class on the contract users have, and a second one must not need a change of the engine.
/// </summary>
internal static class LayerRule
{
    private const string Engine = "src/Kappa.Streams/Runtime";
    private const string Operators = "src/Kappa.Streams/Operators";

    public static IEnumerable<Violation> Check(IReadOnlyList<SourceText> files) =>
        files.Where(file => file.IsCSharp && file.IsIn("src"))
            .GroupBy(file => file.Path.Split('/')[1])
            .SelectMany(project => Cycles([.. project]))
            .Concat(OperatorsInEngine(files));

    private static IEnumerable<Violation> Cycles(List<SourceText> project)
    {
        var uses = new Dictionary<string, Dictionary<string, Violation>>();
        var folders = project.Select(NamespaceOf).ToHashSet();
        foreach (var file in project)
        {
            var own = NamespaceOf(file);
            foreach (var line in file.Syntax.DescendantNodes().OfType<UsingDirectiveSyntax>())
            {
                var other = line.NamespaceOrType.ToString();
                if (folders.Contains(other) && !Around(own, other) && !Around(other, own))
                {
                    uses.TryAdd(own, []);
                    uses[own].TryAdd(other, file.Breaks(line, $"{own} uses {other}, which uses {own}"));
                }
            }
        }

        return uses.SelectMany(own => own.Value
            .Where(other => Reaches(uses, other.Key, own.Key, []))
            .Select(other => other.Value));
    }

    private static bool Around(string outer, string inner) =>
        inner == outer || inner.StartsWith(outer + ".", StringComparison.Ordinal);

    private static bool Reaches(
        Dictionary<string, Dictionary<string, Violation>> uses, string from, string to, HashSet<string> seen) =>
        from == to || (seen.Add(from) && uses.TryGetValue(from, out var next)
            && next.Keys.Any(other => Reaches(uses, other, to, seen)));

    private static string NamespaceOf(SourceText file) =>
        string.Join('.', file.Path.Split('/').Skip(1).SkipLast(1));

    private static IEnumerable<Violation> OperatorsInEngine(IReadOnlyList<SourceText> files)
    {
        var names = files.Where(file => file.IsCSharp && file.IsIn(Operators))
            .SelectMany(file => file.Syntax.DescendantNodes().OfType<BaseTypeDeclarationSyntax>())
            .Select(type => type.Identifier.Text)
            .ToHashSet();
        return files.Where(file => file.IsCSharp && file.IsIn(Engine))
            .SelectMany(file => file.Syntax.DescendantTokens()
                .Where(token => token.IsKind(SyntaxKind.IdentifierToken) && names.Contains(token.Text))
                .Select(token => file.Breaks(token, $"the engine names the operator '{token.Text}'.")));
    }
}
