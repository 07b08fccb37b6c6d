using Kappa.Analyzers.Jobs;
using Microsoft.CodeAnalysis;

namespace Kappa.Analyzers.Rules;

/// <summary>Ids and randomness come from the record.</summary>
internal sealed class ChanceRule() : JobRule(
    "KAPPA002", "A job makes random values or ids",
    "'{0}' gives another value in each replay. Take an id from the event, or make one of its key and place, in a "
    + "Process context.Place; draw samples by a stated hash of the event's id.")
{
    private static readonly HashSet<string> Sources =
    [
        "System.Guid.NewGuid", "System.Guid.CreateVersion7", "System.IO.Path.GetRandomFileName",
        "System.IO.Path.GetTempFileName",
    ];

    public override void Inspect(IOperation operation, IOperation body, JobSite site)
    {
        if (Members.UsedBy(operation) is { } member && Members.FullName(member.ContainingType) is var type
            && (type is "System.Random" or "System.Security.Cryptography.RandomNumberGenerator"
                || Sources.Contains(type + "." + member.Name)))
        {
            Report(site, operation, Members.Text(member));
        }
    }
}
