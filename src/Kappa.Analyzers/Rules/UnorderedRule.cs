using Kappa.Analyzers.Jobs;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Kappa.Analyzers.Rules;

/// <summary>
/// Dictionaries and sets hand out their elements in an order of their own, which state that was restored need not have.
/// Reported is where that order can show: a loop, a list, a first element, an argument; not a count or a lookup.
/// </summary>
internal sealed class UnorderedRule() : JobRule(
    Id, "A job depends on the order of an unordered collection",
    "The order in which '{0}' hands out its elements is its own, and another one after a restart. Put an OrderBy "
    + "behind it, or use a sorted collection such as ImmutableSortedDictionary.")
{
    public const string Id = "KAPPA006";

    public override void Inspect(IOperation operation, IOperation body, JobSite site)
    {
        if (operation is IForEachLoopOperation loop)
        {
            if (Unordered.SourceOf(loop.Collection, site) is { } looped && !OrderFreeLoop.Is(loop.Body))
            {
                Report(site, looped);
            }
        }
        else if (operation is IArgumentOperation { Parent: IInvocationOperation call } argument
            && Sequences.Of(call.TargetMethod) is var kind && kind != SequenceKind.None)
        {
            if (kind == SequenceKind.Dependent
                && (argument == call.Arguments[0] || Sequences.TakesTwo(call.TargetMethod))
                && Unordered.SourceOf(argument.Value, site) is { } consumed)
            {
                Report(site, consumed);
            }
        }
        else if (Leaks(operation) is { } leaked && Unordered.SourceOf(leaked, site) is { } source)
        {
            Report(site, source);
        }
    }

    private void Report(JobSite site, IOperation source)
    {
        var text = source.Syntax.ToString();
        Report(site, source, text.Length > 40 ? text.Substring(0, 40) + "…" : text);
    }

    /// <summary>A sequence that leaves the expression it was made in, so that its order may be seen.</summary>
    private static IOperation? Leaks(IOperation operation) => operation switch
    {
        IArgumentOperation { Value: { } value, Parent: { } parent } when IsSequence(value)
            && !Unordered.IsOf(ReceiverOf(parent)) => value,
        IReturnOperation { ReturnedValue: { } value } when IsSequence(value) => value,
        ISimpleAssignmentOperation { Value: { } value } when IsSequence(value) => value,
        ISpreadOperation spread when !Unordered.IsOf(spread.Parent?.Type) => spread.Operand,
        IInvocationOperation { TargetMethod.Name: "GetEnumerator", Instance: { } owner } => owner,
        _ => null,
    };

    // A collection handed on as what it is keeps its nature; seen as a mere sequence, its order is all it has.
    private static bool IsSequence(IOperation value) =>
        value.Type is INamedTypeSymbol { TypeKind: TypeKind.Interface, Name: "IEnumerable" or "ICollection" };

    private static ITypeSymbol? ReceiverOf(IOperation call) => call switch
    {
        IInvocationOperation { TargetMethod: { } method } => Unordered.IsOf(method.ReturnType)
            ? method.ReturnType
            : method.ContainingType,
        IObjectCreationOperation made => made.Type,
        _ => null,
    };
}
