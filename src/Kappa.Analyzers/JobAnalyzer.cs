using System.Collections.Immutable;
using Kappa.Analyzers.Jobs;
using Kappa.Analyzers.Rules;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Kappa.Analyzers;

/// <summary>
/// Warns of what makes a job compute something else the second time: the clock, chance, state of its own, the world
/// outside, threads, and orders that nobody promised. It reads the lambdas given to operators, the classes written on
/// Kappa's contracts, and what of the same compilation these reach.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class JobAnalyzer : DiagnosticAnalyzer
{
    private static readonly ImmutableArray<JobRule> Rules =
    [
        new ClockRule(), new ChanceRule(), new HashRule(), new StaticStateRule(), new OutsideRule(),
        new UnorderedRule(), new ThreadRule(), new DynamicRule(), new CapturedStateRule(),
    ];

    /// <summary>One descriptor for each code, in no particular order.</summary>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        [.. Rules.Select(rule => rule.Descriptor), OrderRule.Descriptor];

    /// <summary>Registers what is looked at: operators and classes; nothing where no job can be.</summary>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            if (start.Compilation.GetTypeByMetadataName("Kappa.Streams.Job") is null)
            {
                return;
            }

            var walk = new JobWalk(start.Compilation, Rules);
            start.RegisterOperationAction(
                operation =>
                {
                    var site = walk.From(operation.ReportDiagnostic, operation.CancellationToken);
                    walk.Operator(operation.Operation, site);
                    OrderRule.Inspect(operation.Operation, site);
                },
                OperationKind.Invocation, OperationKind.ObjectCreation);
            start.RegisterSymbolAction(
                symbol => walk.Class(
                    (INamedTypeSymbol)symbol.Symbol, walk.From(symbol.ReportDiagnostic, symbol.CancellationToken)),
                SymbolKind.NamedType);
        });
    }
}
