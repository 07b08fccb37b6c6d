using System.CommandLine;

namespace Kappa.Cli.Commands;

/// <summary><c>--publish-history</c>, as deploy, reprocess and switch have it.</summary>
internal static class PublishHistoryOption
{
    public static Option<bool> Make() => new("--publish-history")
    {
        Description = "Outputs nobody has heard yet: let the world hear them from the first record on.",
    };
}
