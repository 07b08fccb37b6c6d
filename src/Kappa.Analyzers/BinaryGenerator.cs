using System.Text;
using Kappa.Analyzers.Codecs;
using Kappa.Analyzers.Jobs;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kappa.Analyzers;

/// <summary>
/// Writes the code that reads and writes an event marked with BinaryEvent in the binary format, field by field, as
/// docs/formats/binary.md has it. The same bytes as without it; no code is made at run time.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class BinaryGenerator : IIncrementalGenerator
{
    private const string Marker = "Kappa.Streams.BinaryEventAttribute";

    /// <summary>A marked type whose fields the generated code could not see or make.</summary>
    public static readonly DiagnosticDescriptor Descriptor = JobRule.Describe(
        "KAPPA011", "Generated code cannot read an event marked BinaryEvent",
        "'{0}' {1}, so no code was generated and Codec.Binary reads it by reflection, with the same bytes. Make it a "
        + "record or class of this project without type parameters, or take BinaryEvent away.");

    /// <summary>Registers the step from each marked type to its file.</summary>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var events = context.SyntaxProvider.ForAttributeWithMetadataName(
            Marker,
            (node, _) => node is TypeDeclarationSyntax,
            (found, _) => (Event: Make((INamedTypeSymbol)found.TargetSymbol), At: found.TargetNode.GetLocation()));
        context.RegisterSourceOutput(events, (output, made) =>
        {
            if (made.Event.Problem is { } problem)
            {
                output.ReportDiagnostic(Diagnostic.Create(Descriptor, made.At, made.Event.Name, problem));
            }
            else
            {
                output.AddSource(made.Event.Name + ".g.cs", Microsoft.CodeAnalysis.Text.SourceText.From(
                    made.Event.Text, Encoding.UTF8));
            }
        });
    }

    private static (string Name, string Text, string? Problem) Make(INamedTypeSymbol type) =>
        BinaryEvents.ProblemOf(type) is { } problem
            ? (type.Name, "", problem)
            : (BinaryEvents.NameOf(type), new BinaryText(type).ToString(), null);
}
