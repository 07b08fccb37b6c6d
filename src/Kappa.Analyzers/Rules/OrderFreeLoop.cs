using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Kappa.Analyzers.Rules;

/// <summary>
/// A loop that comes out the same in any order: it counts and adds up whole numbers, perhaps under conditions, and does
/// nothing else. Every other body is held to depend on the order.
/// </summary>
internal static class OrderFreeLoop
{
    public static bool Is(IOperation? body) => body switch
    {
        null or IEmptyOperation => true,
        IBlockOperation block => block.Operations.All(Is),
        IConditionalOperation choice => IsQuestion(choice.Condition) && Is(choice.WhenTrue) && Is(choice.WhenFalse),
        IExpressionStatementOperation { Operation: { } change } => change switch
        {
            IIncrementOrDecrementOperation step => IsWhole(step.Type),
            ICompoundAssignmentOperation added => IsWhole(added.Type) && IsQuestion(added.Value)
                && added.OperatorKind is BinaryOperatorKind.Add or BinaryOperatorKind.Subtract or BinaryOperatorKind.Or
                    or BinaryOperatorKind.And or BinaryOperatorKind.ExclusiveOr,
            _ => false,
        },
        _ => false,
    };

    private static bool IsQuestion(IOperation value) => !value.DescendantsAndSelf().Any(operation => operation
        is IAssignmentOperation or IIncrementOrDecrementOperation or IAwaitOperation);

    private static bool IsWhole(ITypeSymbol? type) =>
        type?.SpecialType is >= SpecialType.System_SByte and <= SpecialType.System_UInt64;
}
