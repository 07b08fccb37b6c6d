using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Kappa.Analyzers.Jobs;

/// <summary>What an operation uses of a type, and how that is written in a message.</summary>
internal static class Members
{
    public static ISymbol? UsedBy(IOperation operation) => operation switch
    {
        IInvocationOperation call => call.TargetMethod,
        IPropertyReferenceOperation property => property.Property,
        IFieldReferenceOperation field => field.Field,
        IObjectCreationOperation made => made.Constructor,
        IMethodReferenceOperation method => method.Method,
        IEventReferenceOperation subscribed => subscribed.Event,
        _ => null,
    };

    /// <summary>The full name without type arguments, such as System.Collections.Generic.HashSet.</summary>
    public static string FullName(ITypeSymbol? type)
    {
        if (type is null)
        {
            return "";
        }

        var around = type.ContainingType is { } outer
            ? FullName(outer)
            : type.ContainingNamespace?.ToDisplayString();
        return around + "." + type.Name;
    }

    /// <summary>As a reader writes it: new Random, DateTime.UtcNow.</summary>
    public static string Text(ISymbol member) => member is IMethodSymbol { MethodKind: MethodKind.Constructor }
        ? "new " + member.ContainingType.Name
        : member.ContainingType?.Name + "." + member.Name;

    /// <summary>The type inside a nullable value type; null of any other.</summary>
    public static ITypeSymbol? Plain(ITypeSymbol? type) =>
        type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } wrapped
            ? wrapped.TypeArguments[0]
            : null;

    /// <summary>A value without the conversions the compiler put around it.</summary>
    public static IOperation Unwrap(IOperation operation)
    {
        while (true)
        {
            switch (operation)
            {
                case IConversionOperation conversion:
                    operation = conversion.Operand;
                    break;
                case IParenthesizedOperation parenthesized:
                    operation = parenthesized.Operand;
                    break;
                case ITranslatedQueryOperation query:
                    operation = query.Operation;
                    break;
                default:
                    return operation;
            }
        }
    }
}
