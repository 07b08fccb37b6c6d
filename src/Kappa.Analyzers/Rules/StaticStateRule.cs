using Kappa.Analyzers.Jobs;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Kappa.Analyzers.Rules;

/// <summary>A job keeps nothing in static members: no replay, no restart and no undo knows of it.</summary>
internal sealed class StaticStateRule() : JobRule(
    "KAPPA004", "A job uses static state that can change",
    "'{0}' is static and can change, and no replay, restart or undo knows of it. Keep state in an Aggregate or a "
    + "Process; make a constant readonly, and a lookup table an array or a frozen collection.")
{
    public override void Inspect(IOperation operation, IOperation body, JobSite site)
    {
        var changes = operation switch
        {
            IFieldReferenceOperation { Field: { IsStatic: true, IsConst: false } field } =>
                !field.IsReadOnly || Writes.IsChangeable(field.Type) || Writes.To(operation),
            IPropertyReferenceOperation { Property: { IsStatic: true } property } => Changes(property, operation),
            IEventReferenceOperation subscribed => subscribed.Event.IsStatic,
            _ => false,
        };
        if (changes)
        {
            Report(site, operation, Members.Text(Members.UsedBy(operation)!));
        }
    }

    // Kappa runs the user's code under the invariant culture, so to read the current one is to read a constant.
    private static bool Changes(IPropertySymbol property, IOperation operation) =>
        Members.FullName(property.ContainingType) == "System.Globalization.CultureInfo"
            ? Writes.To(operation)
            : property.SetMethod is { IsInitOnly: false } || Writes.IsChangeable(property.Type);
}
