using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Kappa.Analyzers.Jobs;

/// <summary>The code behind a value that is a delegate, as far as it can be seen from where it is given.</summary>
internal static class Delegates
{
    // A name for a name for a lambda is enough; beyond that nobody can read it either.
    private const int DepthMax = 4;

    public static IEnumerable<IOperation> BodiesOf(IOperation value, JobSite site, int depth = 0)
    {
        if (depth > DepthMax)
        {
            return [];
        }

        return value switch
        {
            IAnonymousFunctionOperation lambda => [lambda],
            IDelegateCreationOperation made => BodiesOf(made.Target, site, depth),
            IConversionOperation conversion => BodiesOf(conversion.Operand, site, depth),
            IMethodReferenceOperation method => CallGraph.BodiesOf(method.Method, site),
            ILocalReferenceOperation local => Declared(local.Local, site, depth),
            IFieldReferenceOperation field => Declared(field.Field, site, depth),
            IPropertyReferenceOperation property => Declared(property.Property, site, depth),
            IConditionalOperation choice => BodiesOf(choice.WhenTrue, site, depth)
                .Concat(choice.WhenFalse is null ? [] : BodiesOf(choice.WhenFalse, site, depth)),
            IInvocationOperation call => CallGraph.BodiesOf(call.TargetMethod, site)
                .SelectMany(body => body.Descendants()).OfType<IAnonymousFunctionOperation>(),
            _ => [],
        };
    }

    private static IEnumerable<IOperation> Declared(ISymbol symbol, JobSite site, int depth) =>
        symbol.DeclaringSyntaxReferences.Select(reference => ValueOf(reference.GetSyntax(site.Cancel)))
            .Select(value => value is null ? null : site.OperationOf(value))
            .SelectMany(value => value is null ? [] : BodiesOf(value, site, depth + 1));

    private static ExpressionSyntax? ValueOf(SyntaxNode declaration) => declaration switch
    {
        VariableDeclaratorSyntax variable => variable.Initializer?.Value,
        PropertyDeclarationSyntax property => property.Initializer?.Value ?? property.ExpressionBody?.Expression,
        _ => null,
    };
}
