using Kappa.Analyzers.Jobs;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kappa.Analyzers.Codecs;

/// <summary>Which types code can be generated for, and what their fields are.</summary>
internal static class BinaryEvents
{
    /// <summary>The instance fields, base classes' first, in order of declaration: those of properties too.</summary>
    public static IEnumerable<IFieldSymbol> FieldsOf(INamedTypeSymbol type) =>
        (type.BaseType is { SpecialType: SpecialType.None } parent ? FieldsOf(parent) : [])
        .Concat(type.GetMembers().OfType<IFieldSymbol>().Where(field => !field.IsStatic && !field.IsConst));

    /// <summary>The class that is generated for a type.</summary>
    public static string NameOf(INamedTypeSymbol type) =>
        type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat)
            .Replace("global::", "").Replace("@", "").Replace("_", "__").Replace('.', '_') + "_Binary";

    public static bool IsGenerated(ITypeSymbol type, IAssemblySymbol assembly) => type is INamedTypeSymbol named
        && SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, assembly)
        && type.GetAttributes().Any(
            attribute => Members.FullName(attribute.AttributeClass) == "Kappa.Streams.BinaryEventAttribute")
        && ProblemOf(named) is null;

    /// <summary>Why no code can be generated; null if it can.</summary>
    public static string? ProblemOf(INamedTypeSymbol type)
    {
        if (type.IsAbstract || type.IsRefLikeType || type.TypeKind is not (TypeKind.Class or TypeKind.Struct))
        {
            return "cannot be made";
        }

        for (var around = type; around is not null; around = around.ContainingType)
        {
            if (around.IsGenericType)
            {
                return "has type parameters";
            }

            if (around.IsFileLocal || around.DeclaredAccessibility is not (
                Accessibility.Public or Accessibility.Internal
                or Accessibility.ProtectedOrInternal))
            {
                return "is hidden from the rest of its project";
            }
        }

        for (var above = type; above is { SpecialType: SpecialType.None }; above = above.BaseType)
        {
            if (above.TypeKind == TypeKind.Struct && above.SpecialType != SpecialType.None)
            {
                break;
            }

            if (!SymbolEqualityComparer.Default.Equals(above.ContainingAssembly, type.ContainingAssembly))
            {
                return $"derives from '{above.Name}' of another project, whose fields are hidden";
            }

            if (above.IsGenericType)
            {
                return $"derives from '{above.Name}', which has type parameters";
            }

            if (above.DeclaringSyntaxReferences.Select(part => part.GetSyntax()).Any(MayCapture))
            {
                return "has a primary constructor whose parameters may be fields without a name";
            }
        }

        return null;
    }

    private static bool MayCapture(SyntaxNode declaration) =>
        declaration is TypeDeclarationSyntax { ParameterList.Parameters.Count: > 0 } and not RecordDeclarationSyntax;
}
