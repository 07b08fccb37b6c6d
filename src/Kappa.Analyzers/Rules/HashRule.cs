using Kappa.Analyzers.Jobs;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Kappa.Analyzers.Rules;

/// <summary>
/// Hash codes of .NET hold for one process. A type's own GetHashCode in the compilation is read instead.
/// </summary>
internal sealed class HashRule() : JobRule(
    "KAPPA003", "A job uses a hash code of one process",
    "'{0}' gives another number in each process. Use the value itself as the key, or a hash that is stated, such as "
    + "SHA256.HashData over its UTF-8 bytes.")
{
    private static readonly HashSet<string> Stable =
        ["System.Guid", "System.DateTime", "System.DateTimeOffset", "System.TimeSpan", "System.DateOnly",
         "System.TimeOnly", "System.Int128", "System.UInt128"];

    public override void Inspect(IOperation operation, IOperation body, JobSite site)
    {
        if (operation is not IInvocationOperation { TargetMethod: var method } call)
        {
            return;
        }

        var type = Members.FullName(method.ContainingType);
        var isHash = type == "System.HashCode" ? method.Name is "Combine" or "ToHashCode"
            : method.Name == "GetHashCode"
                && (call.Instance is null ? type != "System.String" || method.IsStatic : IsOfProcess(call, site));
        if (isHash)
        {
            Report(site, operation, Members.Text(method));
        }
    }

    private static bool IsOfProcess(IInvocationOperation call, JobSite site)
    {
        var type = call.Instance!.Type;
        if (type is null || (site.IsOwn(call.TargetMethod) && !call.TargetMethod.IsImplicitlyDeclared))
        {
            return false;
        }

        var isNumber = type.TypeKind == TypeKind.Enum
            || type.SpecialType is >= SpecialType.System_Boolean and <= SpecialType.System_Double;
        return !isNumber && !Stable.Contains(Members.FullName(type));
    }
}
