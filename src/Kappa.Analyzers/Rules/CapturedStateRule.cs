using Kappa.Analyzers.Jobs;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Kappa.Analyzers.Rules;

/// <summary>State that the engine does not hold is neither undone, nor restored, nor kept by key.</summary>
internal sealed class CapturedStateRule() : JobRule(
    "KAPPA010", "A job keeps state where the engine cannot see it",
    "'{0}' outlives the record but is not the engine's state: a restart loses it, an undo keeps it, and all keys share "
    + "it. Keep it in the state of an Aggregate or of a Process.")
{
    public override void Inspect(IOperation operation, IOperation body, JobSite site)
    {
        switch (operation)
        {
            case ILocalReferenceOperation local when IsOutside(local.Local, body) && IsState(local):
                Report(site, operation, local.Local.Name);
                break;
            case IParameterReferenceOperation parameter when IsOutside(parameter.Parameter, body)
                && IsState(parameter):
                Report(site, operation, parameter.Parameter.Name);
                break;
            case IFieldReferenceOperation { Instance: { } owner } field when IsOwners(owner, body)
                && (Writes.To(field) || (field.Field.IsReadOnly && Writes.IsChangeable(field.Type))):
                Report(site, operation, field.Field.Name);
                break;
            case IPropertyReferenceOperation { Instance: { } owner, Property.IsIndexer: false } property
                when IsOwners(owner, body) && Writes.To(property):
                Report(site, operation, property.Property.Name);
                break;
        }
    }

    private static bool IsState(IOperation captured) => Writes.To(captured) || Writes.IsChangeable(captured.Type);

    /// <summary>Declared around the lambda that is read, not in it.</summary>
    private static bool IsOutside(ISymbol symbol, IOperation body) =>
        body is IAnonymousFunctionOperation && symbol.DeclaringSyntaxReferences.FirstOrDefault() is { } declared
        && !(declared.SyntaxTree == body.Syntax.SyntaxTree && body.Syntax.Span.Contains(declared.Span));

    /// <summary>The object the job was written in, or the Process itself: it lives as long as the job runs.</summary>
    private static bool IsOwners(IOperation owner, IOperation body) =>
        owner is IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance }
        && (body is IAnonymousFunctionOperation
            || (owner.Type is INamedTypeSymbol { IsReferenceType: true } type && KappaNames.IsContract(type)));
}
