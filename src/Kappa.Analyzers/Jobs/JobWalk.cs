using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Kappa.Analyzers.Jobs;

/// <summary>
/// Finds the code that runs inside jobs and shows each operation of it to the rules. A method is read once, however
/// many jobs reach it, so that a walk is never longer than the compilation.
/// </summary>
internal sealed class JobWalk(Compilation compilation, ImmutableArray<JobRule> rules)
{
    private readonly ConcurrentDictionary<ISymbol, bool> _seen = new(SymbolEqualityComparer.Default);
    private readonly ConcurrentDictionary<(string, Location), bool> _reported = new();
    private readonly CallGraph _calls = new(compilation);

    public JobSite From(Action<Diagnostic> report, CancellationToken cancel) =>
        new(compilation, _reported, report, cancel);

    /// <summary>The lambdas and methods that are given to a member of Kappa.Streams.</summary>
    public void Operator(IOperation operation, JobSite site)
    {
        var (method, arguments) = operation switch
        {
            IInvocationOperation call => (call.TargetMethod, call.Arguments),
            IObjectCreationOperation made => (made.Constructor, made.Arguments),
            _ => (null, []),
        };
        if (method is null || !KappaNames.IsStreams(method.ContainingType))
        {
            return;
        }

        foreach (var argument in arguments)
        {
            if (argument.Parameter is { } parameter && KappaNames.RunsInJob(parameter.OriginalDefinition.Type))
            {
                Read(Delegates.BodiesOf(argument.Value, site), site);
            }
        }
    }

    /// <summary>A class that keeps one of the contracts of Kappa.Streams, such as Process: all its methods.</summary>
    public void Class(INamedTypeSymbol type, JobSite site)
    {
        if (type.TypeKind is TypeKind.Class or TypeKind.Struct && KappaNames.IsContract(type))
        {
            Read(type.GetMembers().OfType<IMethodSymbol>()
                .Where(method => method.MethodKind is not (MethodKind.Constructor or MethodKind.StaticConstructor))
                .Where(method => _seen.TryAdd(method, true))
                .SelectMany(method => CallGraph.BodiesOf(method, site)), site);
        }
    }

    private void Read(IEnumerable<IOperation> roots, JobSite site)
    {
        var bodies = new Stack<IOperation>(roots);
        while (bodies.Count > 0)
        {
            var body = bodies.Pop();
            var operations = new Stack<IOperation>([body]);
            while (operations.Count > 0)
            {
                site.Cancel.ThrowIfCancellationRequested();
                var operation = operations.Pop();
                foreach (var rule in rules)
                {
                    rule.Inspect(operation, body, site);
                }

                foreach (var callee in _calls.From(operation, site).Where(callee => _seen.TryAdd(callee, true)))
                {
                    Push(bodies, CallGraph.BodiesOf(callee, site));
                }

                // What nameof names is not read.
                if (operation is not INameOfOperation)
                {
                    Push(operations, operation.ChildOperations);
                }
            }
        }
    }

    private static void Push(Stack<IOperation> onto, IEnumerable<IOperation> operations)
    {
        foreach (var operation in operations)
        {
            onto.Push(operation);
        }
    }
}
