using Kappa.Analyzers.Jobs;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Kappa.Analyzers.Rules;

/// <summary>
/// A fold that sets an event's time against the time in its state asks how long ago the record before was. Records
/// arrive in the order of the log, not of their times, so such a fold needs InOrder in front of it.
/// </summary>
internal static class OrderRule
{
    public const string Id = "KAPPA009";

    public static readonly DiagnosticDescriptor Descriptor = JobRule.Describe(
        Id, "A fold reads the time since the record before without InOrder",
        "The fold sets '{0}' of the event against its state ('{1}'), but records come in the order of the log, not of "
        + "their times. Write .InOrder() before it; a fold of all records in any order needs no such question.");

    public static void Inspect(IOperation operation, JobSite site)
    {
        if (operation is not IInvocationOperation
            {
                TargetMethod: { Name: "Aggregate" } method,
                Instance: { } stream
            } call
            || !KappaNames.IsStreams(method.ContainingType) || !IsUnordered(stream, site, 0))
        {
            return;
        }

        // A fold is given as it is, or inside an aggregation of one's own; how sessions merge is another question.
        var folds = call.Arguments
            .SelectMany(argument => Members.Unwrap(argument.Value) switch
            {
                IObjectCreationOperation made when KappaNames.IsStreams(made.Type) => made.Arguments,
                IInvocationOperation made when KappaNames.IsStreams(made.TargetMethod.ContainingType) => made.Arguments,
                _ => [argument],
            })
            .Where(argument => argument.Parameter is
            {
                Name: "fold" or "next", Type: INamedTypeSymbol { DelegateInvokeMethod.Parameters.Length: 2 },
            });
        foreach (var fold in folds.SelectMany(argument => Delegates.BodiesOf(argument.Value, site)))
        {
            if (new FoldTimes(site).Find(fold) is { } found)
            {
                site.Report(Descriptor, NameOf(call), found.Event, found.State);
                return;
            }
        }
    }

    private static Location NameOf(IInvocationOperation call) =>
        call.Syntax is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax access }
            ? access.Name.GetLocation()
            : call.Syntax.GetLocation();

    /// <summary>
    /// Whether a stream surely has the order of the log: its chain can be followed to its source, or to a change of the
    /// key, and no InOrder is on the way. What comes from elsewhere may be in order.
    /// </summary>
    private static bool IsUnordered(IOperation stream, JobSite site, int depth) => Members.Unwrap(stream) switch
    {
        _ when depth > 32 => false,
        IInvocationOperation { TargetMethod: { } method } call when KappaNames.IsStreams(method.ContainingType) =>
            method.Name switch
            {
                "InOrder" or "Detect" => false,
                "From" or "KeyBy" => true,
                "Window" => IsEven(call) && call.Instance is { } windowed && IsUnordered(windowed, site, depth + 1),
                _ => call.Instance is { } before && IsUnordered(before, site, depth + 1),
            },
        ILocalReferenceOperation { Local: { } local } => local.DeclaringSyntaxReferences.Length == 1
            && local.DeclaringSyntaxReferences[0].GetSyntax(site.Cancel) is VariableDeclaratorSyntax
            {
                Initializer.Value: { } value,
            } && site.OperationOf(value) is { } declared && IsUnordered(declared, site, depth + 1),
        _ => false,
    };

    /// <summary>A window that is surely no session: a session folds in order by itself (rule T9).</summary>
    private static bool IsEven(IInvocationOperation window) =>
        window.Arguments.FirstOrDefault()?.Value.Syntax is { } given
        && given.DescendantNodesAndSelf().OfType<InvocationExpressionSyntax>().Any()
        && !given.DescendantNodesAndSelf().OfType<SimpleNameSyntax>()
            .Any(name => name.Identifier.ValueText.Contains("Session"));
}
