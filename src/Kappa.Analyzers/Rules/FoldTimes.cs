using Kappa.Analyzers.Jobs;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Kappa.Analyzers.Rules;

/// <summary>
/// Follows the state and the event of a fold through its lambda and the methods it calls, and finds where a time of the
/// one is compared with, or taken from, a time of the other.
/// </summary>
internal sealed class FoldTimes(JobSite site)
{
    private const int DepthMax = 6;

    private readonly HashSet<(ISymbol, string)> _read = [];

    [Flags]
    private enum Origin
    {
        None = 0,
        State = 1,
        Event = 2,
    }

    public (string Event, string State)? Find(IOperation fold)
    {
        var parameters = fold switch
        {
            IAnonymousFunctionOperation lambda => lambda.Symbol.Parameters,
            IMethodBodyOperation or IBlockOperation => site.Compilation.GetSemanticModel(fold.Syntax.SyntaxTree)
                .GetDeclaredSymbol(fold.Syntax, site.Cancel) is IMethodSymbol method ? method.Parameters : [],
            _ => [],
        };
        return parameters.Length == 2
            ? Find(fold, new Known(Origin.None, new(SymbolEqualityComparer.Default)
            {
                [parameters[0]] = Origin.State,
                [parameters[1]] = Origin.Event,
            }), 0)
            : null;
    }

    private (string Event, string State)? Find(IOperation body, Known known, int depth)
    {
        foreach (var operation in body.Descendants())
        {
            var found = Compared(operation) is var (left, right) ? Judge(operation, left, right, known)
                : operation is IInvocationOperation call && site.IsOwn(call.TargetMethod) && depth < DepthMax
                    ? Into(call, known, depth)
                    : null;
            if (found is not null)
            {
                return found;
            }
        }

        return null;
    }

    private (string Event, string State)? Into(IInvocationOperation call, Known known, int depth)
    {
        var method = call.TargetMethod.OriginalDefinition;
        var inside = new Known(
            call.Instance is { } instance ? Of(instance, known) : Origin.None, new(SymbolEqualityComparer.Default));
        foreach (var argument in call.Arguments)
        {
            if (argument.Parameter is { } parameter)
            {
                inside.Symbols[parameter.OriginalDefinition] = Of(argument.Value, known);
            }
        }

        var key = (int)inside.This + ":" + string.Join(",", method.Parameters.Select(
            parameter => inside.Symbols.TryGetValue(parameter, out var origin) ? (int)origin : 0));
        return _read.Add((method, key))
            ? CallGraph.BodiesOf(method, site).Select(body => Find(body, inside, depth + 1)).FirstOrDefault(
                found => found is not null)
            : null;
    }

    private static (IOperation Left, IOperation Right)? Compared(IOperation operation) => operation switch
    {
        IBinaryOperation
        {
            OperatorKind: BinaryOperatorKind.Subtract or BinaryOperatorKind.LessThan
                or BinaryOperatorKind.LessThanOrEqual or BinaryOperatorKind.GreaterThan
                or BinaryOperatorKind.GreaterThanOrEqual,
        } binary => (binary.LeftOperand, binary.RightOperand),
        IInvocationOperation
        {
            TargetMethod.Name: "Subtract" or "CompareTo", Instance: { } left, Arguments: { Length: 1 } arguments,
        } => (left, arguments[0].Value),
        IInvocationOperation { TargetMethod.Name: "Compare", Arguments: { Length: 2 } arguments } =>
            (arguments[0].Value, arguments[1].Value),
        _ => null,
    };

    private static (string, string)? Judge(IOperation operation, IOperation left, IOperation right, Known known)
    {
        var (of, other) = (Of(left, known), Of(right, known));
        if (IsTime(left) && IsTime(right) && !IsChoiceOfOne(operation, left, right))
        {
            if (of == Origin.Event && other == Origin.State)
            {
                return (left.Syntax.ToString(), right.Syntax.ToString());
            }

            if (of == Origin.State && other == Origin.Event)
            {
                return (right.Syntax.ToString(), left.Syntax.ToString());
            }
        }

        return null;
    }

    /// <summary>
    /// The earlier or later of two, a > b ? a : b, or of what they are read from: the same in any order of the records.
    /// </summary>
    private static bool IsChoiceOfOne(IOperation operation, IOperation left, IOperation right)
    {
        var comparison = operation;
        while (comparison.Parent is IParenthesizedOperation or IConversionOperation)
        {
            comparison = comparison.Parent;
        }

        if (comparison.Parent is not IConditionalOperation { WhenTrue: { } yes, WhenFalse: { } no } choice
            || choice.Condition != comparison)
        {
            return false;
        }

        var (first, second) = (Text(yes), Text(no));
        return (IsFrom(left, first) && IsFrom(right, second)) || (IsFrom(left, second) && IsFrom(right, first));
    }

    private static bool IsFrom(IOperation time, string chosen)
    {
        for (IOperation? at = Members.Unwrap(time); at is not null; at = (at as IMemberReferenceOperation)?.Instance)
        {
            if (at.Syntax.ToString() == chosen)
            {
                return true;
            }
        }

        return false;
    }

    private static string Text(IOperation operation) => Members.Unwrap(operation).Syntax.ToString();

    private static bool IsTime(IOperation operand) => operand.DescendantsAndSelf().Any(part =>
    {
        var type = Members.Plain(part.Type) ?? part.Type;
        return Members.FullName(type) is "System.DateTimeOffset" or "System.DateTime" or "System.DateOnly"
            or "System.TimeOnly";
    });

    /// <summary>What a value was read from. Of a local it is what its declaration was read from.</summary>
    private static Origin Of(IOperation value, Known known)
    {
        var origin = Origin.None;
        foreach (var part in value.DescendantsAndSelf())
        {
            origin |= part switch
            {
                IParameterReferenceOperation parameter => known.Of(parameter.Parameter),
                IInstanceReferenceOperation => known.This,
                ILocalReferenceOperation local => known.Of(local.Local, value, Of),
                _ => Origin.None,
            };
        }

        return origin;
    }

    private sealed class Known(Origin self, Dictionary<ISymbol, Origin> symbols)
    {
        public Origin This => self;

        public Dictionary<ISymbol, Origin> Symbols => symbols;

        public Origin Of(IParameterSymbol parameter) =>
            symbols.TryGetValue(parameter.OriginalDefinition, out var origin) ? origin : Origin.None;

        public Origin Of(ILocalSymbol local, IOperation from, Func<IOperation, Known, Origin> of)
        {
            if (symbols.TryGetValue(local, out var origin))
            {
                return origin;
            }

            symbols[local] = Origin.None;
            var root = from;
            while (root.Parent is { } above)
            {
                root = above;
            }

            var declared = root.Descendants().OfType<IVariableDeclaratorOperation>()
                .FirstOrDefault(declarator => SymbolEqualityComparer.Default.Equals(declarator.Symbol, local));
            return symbols[local] = declared?.GetVariableInitializer() is { } value ? of(value.Value, this)
                : Origin.None;
        }
    }
}
