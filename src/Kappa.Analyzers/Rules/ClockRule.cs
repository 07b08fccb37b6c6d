using Kappa.Analyzers.Jobs;
using Microsoft.CodeAnalysis;

namespace Kappa.Analyzers.Rules;

/// <summary>A job has no clock but its events.</summary>
internal sealed class ClockRule() : JobRule(
    Id, "A job reads the machine's clock",
    "'{0}' is the machine's clock, and a replay runs at another time. Use the event's own time, in a Process "
    + "context.EventTime, and to wait SetTimer.")
{
    public const string Id = "KAPPA001";

    private static readonly HashSet<string> Clocks =
    [
        "System.DateTime.Now", "System.DateTime.UtcNow", "System.DateTime.Today", "System.DateTimeOffset.Now",
        "System.DateTimeOffset.UtcNow", "System.Environment.TickCount", "System.Environment.TickCount64",
        "System.TimeProvider.System", "System.TimeProvider.GetUtcNow", "System.TimeProvider.GetLocalNow",
        "System.TimeProvider.GetTimestamp", "System.TimeProvider.GetElapsedTime", "System.Diagnostics.Stopwatch..ctor",
        "System.Diagnostics.Stopwatch.StartNew", "System.Diagnostics.Stopwatch.GetTimestamp",
        "System.Diagnostics.Stopwatch.GetElapsedTime", "System.TimeZoneInfo.Local",
    ];

    public override void Inspect(IOperation operation, IOperation body, JobSite site)
    {
        if (Members.UsedBy(operation) is { } member
            && Clocks.Contains(Members.FullName(member.ContainingType) + "." + member.Name))
        {
            Report(site, operation, Members.Text(member));
        }
    }
}
