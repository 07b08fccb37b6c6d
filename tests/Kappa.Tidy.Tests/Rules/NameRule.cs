using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kappa.Tidy.Tests.Rules;

/// <summary>A name says what a thing is. A name that fits everything says nothing.</summary>
internal static class NameRule
{
    /// <summary>A public type may live in its owner's file as long as it is no longer than this.</summary>
    public const int SatelliteLinesMax = 60;

    private static readonly string[] Folders =
        ["Utils", "Util", "Common", "Core", "Shared", "Helpers", "Abstractions", "Infrastructure", "Models", "Misc"];

    private static readonly string[] Suffixes =
        ["Manager", "Helper", "Helpers", "Processor", "Service", "Impl", "Base", "Info", "Data", "Util", "Utils"];

    /// <summary>Names that mean something else under .NET's implicit usings.</summary>
    private static readonly string[] Taken =
        ["Stream", "Index", "Range", "Version", "Task", "Timer", "Lock", "File", "Buffer", "Path", "Environment",
         "Monitor"];

    public static IEnumerable<Violation> Check(SourceText file)
    {
        foreach (var folder in file.Path.Split('/').SkipLast(1).Where(folder => Folders.Contains(folder)))
        {
            yield return file.Breaks(1, $"a folder called '{folder}' holds anything; put the file beside its caller.");
        }

        if (!file.IsCSharp)
        {
            yield break;
        }

        foreach (var type in file.Syntax.DescendantNodes().OfType<BaseTypeDeclarationSyntax>())
        {
            var name = type.Identifier.Text;
            if (Suffixes.FirstOrDefault(suffix => name.EndsWith(suffix, StringComparison.Ordinal)) is { } suffix)
            {
                yield return file.Breaks(type.Identifier, $"'{name}': '{suffix}' says nothing; use a noun.");
            }

            if (Taken.Contains(name))
            {
                yield return file.Breaks(type.Identifier, $"'{name}' collides with a name of .NET.");
            }
        }

        foreach (var violation in file.IsIn("src") ? OneTypeAFile(file) : [])
        {
            yield return violation;
        }
    }

    private static IEnumerable<Violation> OneTypeAFile(SourceText file)
    {
        var types = file.Syntax.DescendantNodes().OfType<MemberDeclarationSyntax>()
            .Where(type => type is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax)
            .Where(type => type.Parent is BaseNamespaceDeclarationSyntax or CompilationUnitSyntax)
            .Where(type => type.Modifiers.Any(SyntaxKind.PublicKeyword))
            .ToList();
        var owner = file.Name.Split('.')[0];
        if (types.Count > 0 && types.All(type => NameOf(type) != owner))
        {
            yield return file.Breaks(
                types[0], $"no public type is called '{owner}'; a file is named after its type.");
        }

        foreach (var type in types.Where(type => NameOf(type) != owner))
        {
            var span = type.GetLocation().GetLineSpan();
            var lines = span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
            if (lines > SatelliteLinesMax)
            {
                yield return file.Breaks(
                    type,
                    $"'{NameOf(type)}' has {lines} lines; above {SatelliteLinesMax} it needs a file of its own.");
            }
        }
    }

    private static string NameOf(MemberDeclarationSyntax type) => type switch
    {
        BaseTypeDeclarationSyntax declared => declared.Identifier.Text,
        DelegateDeclarationSyntax declared => declared.Identifier.Text,
        _ => "",
    };
}
