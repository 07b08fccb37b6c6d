using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;

namespace Kappa.Analyzers.Jobs;

/// <summary>A compilation being read, and where what is found in it goes: each finding once.</summary>
internal sealed class JobSite(
    Compilation compilation,
    ConcurrentDictionary<(string Id, Location At), bool> reported,
    Action<Diagnostic> report,
    CancellationToken cancel)
{
    public Compilation Compilation => compilation;

    public CancellationToken Cancel => cancel;

    public void Report(DiagnosticDescriptor descriptor, Location at, params object[] arguments)
    {
        if (reported.TryAdd((descriptor.Id, at), true))
        {
            report(Diagnostic.Create(descriptor, at, arguments));
        }
    }

    public bool IsOwn(ISymbol symbol) =>
        SymbolEqualityComparer.Default.Equals(symbol.ContainingAssembly, compilation.Assembly);

    /// <summary>What a node of any file of the compilation does; null where it does nothing.</summary>
    public IOperation? OperationOf(SyntaxNode node) =>
        compilation.GetSemanticModel(node.SyntaxTree).GetOperation(node, cancel);
}
