using Kappa.Analyzers.Jobs;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Kappa.Analyzers.Rules;

/// <summary>
/// The engine calls a job's code for one record after the other; what runs beside it runs in any order.
/// </summary>
internal sealed class ThreadRule() : JobRule(
    "KAPPA007", "A job uses threads, tasks, timers or locks",
    "'{0}' makes the outcome depend on threads; Kappa calls a key's code for one record at a time and runs keys in "
    + "parallel itself. Compute in place; to wait, use SetTimer of a Process.")
{
    private static readonly HashSet<string> Types =
        ["System.Linq.ParallelEnumerable", "System.Timers.Timer", "System.ComponentModel.BackgroundWorker"];

    public override void Inspect(IOperation operation, IOperation body, JobSite site)
    {
        switch (operation)
        {
            case IAwaitOperation:
                Report(site, operation, "await");
                break;
            case ILockOperation locked:
                Report(site, locked.LockedValue, "lock");
                break;
            case IForEachLoopOperation { IsAsynchronous: true } loop:
                Report(site, loop.Collection, "await foreach");
                break;
            case IFieldReferenceOperation { Field.IsVolatile: true } field:
                Report(site, operation, Members.Text(field.Field));
                break;
            default:
                if (Members.UsedBy(operation) is { ContainingType: { } type } member && IsOfThreads(type))
                {
                    Report(site, operation, Members.Text(member));
                }

                break;
        }
    }

    private static bool IsOfThreads(INamedTypeSymbol type)
    {
        var space = type.ContainingNamespace?.ToDisplayString();
        return Types.Contains(Members.FullName(type)) || (type.Name != "CancellationToken"
            && space is "System.Threading" or "System.Threading.Tasks" or "System.Threading.Channels"
                or "System.Threading.Tasks.Dataflow");
    }
}
