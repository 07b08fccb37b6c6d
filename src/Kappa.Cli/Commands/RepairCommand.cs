using System.CommandLine;
using Kappa.Log;

namespace Kappa.Cli.Commands;

/// <summary>
/// <c>kappa repair</c>: ends every damaged partition of a stopped server's log before its first damage, when told to.
/// </summary>
internal static class RepairCommand
{
    public static Command Make(SessionOptions session)
    {
        var yes = new Option<bool>("--yes") { Description = "Do it; without this it is only said what would be done." };
        var command = new Command(
            "repair",
            "Makes the damaged log of a stopped server usable by giving up what cannot be read; keeps copies of it.")
        {
            yes,
        };
        return session.CompleteLocal(command, async (folder, parsed, cancel) =>
        {
            var disk = DiskFileSystem.ForThisPlatform();
            var log = Path.Combine(folder, "log");
            var plan = await LogRepair.PlanAsync(log, disk, cancel);
            if (plan.Seen.Findings.Count == 0)
            {
                await session.Terminal.Out.WriteLineAsync("The log is whole: there is nothing to repair.");
                return ExitCode.Done;
            }

            foreach (var found in plan.Seen.Findings)
            {
                await session.Terminal.Out.WriteLineAsync($"found: {found.File} at {found.Position}: {found.What}");
            }

            foreach (var step in plan.Steps)
            {
                await session.Terminal.Out.WriteLineAsync(
                    $"{(step.KeptBytes == 0 ? "take out" : $"cut at {TextTable.Text(step.KeptBytes)}")} {step.File}: "
                    + $"{TextTable.Text(step.RemovedBytes)} bytes go, '{step.Topic}' {step.Partition} ends at offset "
                    + $"{TextTable.Text(step.FromOffset)} ({step.Why})");
            }

            if (!parsed.GetValue(yes))
            {
                await session.Terminal.ErrorAsync(
                    "Nothing was changed.",
                    "Restore the files from a backup if there is one; else repeat this with --yes, then reprocess.");
                return ExitCode.Failed;
            }

            var kept = await LogRepair.RunAsync(log, disk, plan, TimeProvider.System, cancel);
            await session.Terminal.Out.WriteLineAsync($"Repaired. Copies and the account are in {kept}.");
            return ExitCode.Done;
        });
    }
}
