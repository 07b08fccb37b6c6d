using System.CommandLine;
using Kappa.Log;

namespace Kappa.Cli.Commands;

/// <summary><c>kappa verify</c>: walks a stopped server's log and names what is not as it was written.</summary>
internal static class VerifyCommand
{
    public static Command Make(SessionOptions session)
    {
        var archive = new Option<string?>("--archive")
        {
            Description = "Verifies an archive instead: a folder, or an address such as s3://bucket/folder.",
        };
        var topics = new Option<string[]>("--topic")
        {
            Description = "With --archive: only this topic; may be repeated.",
        };
        var command = new Command(
            "verify", "Verifies the log of a data folder whose server is stopped, or an archive; changes nothing.")
        {
            archive, topics,
        };
        return session.CompleteLocal(command, async (folder, parsed, cancel) =>
        {
            if (parsed.GetValue(archive) is { } address)
            {
                return await ArchiveAsync(address, parsed.GetValue(topics) ?? [], session.Terminal, cancel);
            }

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
                + (seen.Findings.Count == 0 ? "whole" : $"{seen.Findings.Count} damaged place(s)"));
            if (seen.Findings.Count > 0)
            {
                await session.Terminal.ErrorAsync(
                    "The log is damaged.", "Restore the files named from a backup or an archive, and verify again.");
            }

            return seen.Findings.Count == 0 ? ExitCode.Done : ExitCode.Failed;
        });
    }

    private static async Task<int> ArchiveAsync(
        string address, IReadOnlyList<string> topics, Terminal terminal, CancellationToken cancel)
    {
        if (topics.Count == 0)
        {
            await using var store = Stores.Open(address);
            topics = await Archive.TopicsAsync(store, null, cancel);
            if (topics.Count == 0)
            {
                throw new KappaException(
                    ErrorKind.NotFound, $"'{store.Name}' lists no archive of a topic.",
                    "Name the store the topics were mirrored to; or name topics with --topic, if it lists late.");
            }
        }

        var isWhole = true;
        foreach (var topic in topics)
        {
            await using var archive = new Archive(Stores.Open(address), topic);
            var (findings, segments, bytes) = await archive.VerifyAsync(cancel);
            isWhole &= findings.Count == 0;
            foreach (var finding in findings)
            {
                await terminal.Out.WriteLineAsync(finding);
            }

            await terminal.Out.WriteLineAsync(
                $"{topic}: {TextTable.Text(bytes)} bytes in {TextTable.Text(segments)} segments: "
                + (findings.Count == 0 ? "whole" : $"{findings.Count} damaged place(s)"));
        }

        if (!isWhole)
        {
            await terminal.ErrorAsync(
                "The archive is damaged.", "Bring the objects named back from another copy, and verify again.");
        }

        return isWhole ? ExitCode.Done : ExitCode.Failed;
    }
}
