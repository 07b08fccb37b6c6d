using System.CommandLine;
using Kappa.Log;

namespace Kappa.Cli.Commands;

/// <summary><c>kappa verify</c>: walks a stopped server's log and names what is not as it was written.</summary>
internal static class VerifyCommand
{
    public static Command Make(SessionOptions session)
    {
        var command = new Command(
            "verify", "Verifies the log of a data folder whose server is stopped; changes nothing.");
        return session.CompleteLocal(command, async (folder, parsed, cancel) =>
        {
            var seen = await EmbeddedLog.VerifyAsync(
                Path.Combine(folder, "log"), DiskFileSystem.ForThisPlatform(), cancel);
            foreach (var finding in seen.Findings)
            {
                await session.Terminal.Out.WriteLineAsync(
                    $"{finding.File} at {finding.Position}: {finding.What} (topic {finding.Topic ?? "none"}, "
                    + $"partition {finding.Partition}, from offset {finding.Offset})");
            }

            await session.Terminal.Out.WriteLineAsync(
                $"{TextTable.Text(seen.Records)} records in {TextTable.Text(seen.Segments)} segments: "
                + (seen.Findings.Count == 0 ? "whole" : $"{seen.Findings.Count} damages"));
            if (seen.Findings.Count > 0)
            {
                await session.Terminal.ErrorAsync(
                    "The log is damaged.", "Restore the files named from a backup or an archive, and verify again.");
            }

            return seen.Findings.Count == 0 ? ExitCode.Done : ExitCode.Failed;
        });
    }
}
