using Kappa.Analyzers.Jobs;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Kappa.Analyzers.Rules;

/// <summary>
/// What `dynamic` calls is decided while it runs, so the fingerprint cannot see it, nor a version unload.
/// </summary>
internal sealed class DynamicRule() : JobRule(
    "KAPPA008", "A job uses dynamic",
    "What 'dynamic' calls is decided at run time, so the fingerprint cannot see a change of it. Write the type, or a "
    + "record with the properties that are read.")
{
    public override void Inspect(IOperation operation, IOperation body, JobSite site)
    {
        if (IsDynamic(operation))
        {
            for (var above = operation.Parent; above is not null && above != body.Parent; above = above.Parent)
            {
                if (IsDynamic(above))
                {
                    return;
                }
            }

            Report(site, operation);
        }
    }

    private static bool IsDynamic(IOperation operation) => operation
        is IDynamicInvocationOperation or IDynamicMemberReferenceOperation or IDynamicIndexerAccessOperation
            or IDynamicObjectCreationOperation
        || (operation is IBinaryOperation or IUnaryOperation && operation.Type?.TypeKind == TypeKind.Dynamic);
}
