using System.CommandLine;
using Kappa.Client;

namespace Kappa.Cli.Commands;

/// <summary><c>kappa jobs</c>: jobs, their versions and how far each is.</summary>
internal static class JobsCommand
{
    public static Command Make(SessionOptions session)
    {
        var job = new Argument<string?>("job")
        {
            Description = "One job alone.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var all = new Option<bool>("--all") { Description = "Show dropped versions too." };
        var command = new Command("jobs", "Lists jobs, their versions and how far each is.") { job, all };
        return session.Complete(command, async (talk, parsed, cancel) =>
        {
            var jobs = parsed.GetValue(job) is { } name
                ? [await talk.Client.JobAsync(name, cancel)]
                : await talk.Client.JobsAsync(cancel);
            await talk.PrintAsync(jobs, views => Shown(views, parsed.GetValue(all)));
            return ExitCode.Done;
        });
    }

    private static string Shown(IReadOnlyList<JobView> jobs, bool all)
    {
        var table = new TextTable("VERSION", "STATE", "LIVE", "PROGRESS", "LATE", "DEAD", "STATE", "PLACE");
        var notes = "";
        var versions = jobs.SelectMany(job => job.Versions);
        foreach (var version in versions.Where(version => all || version.State != "Dropped"))
        {
            var progress = version.Progress;
            table.Add(
                version.Version, version.State.ToLowerInvariant(), version.Live ? "live" : "",
                ProgressLine.Text(progress), progress?.Late, progress?.Dead, State(progress),
                progress?.Place ?? "");
            var outputs = string.Join(", ", version.Outputs);
            notes += outputs.Length == 0 ? "" : $"{version.Version} says: {outputs}\n";
            notes += version.Error is { } error ? $"{version.Version} stopped: {error}\n" : "";
            notes += version.EnvironmentChanges.Count == 0
                ? ""
                : $"{version.Version} environment changed: {string.Join("; ", version.EnvironmentChanges)}\n";
            notes += progress?.Holding is { } holding ? $"{version.Version} waits: {holding}\n" : "";
        }

        return table + notes;
    }

    private static string State(ProgressView? progress) => progress is null ? ""
        : progress.SpilledBytes == 0 ? ByteSize.Text(progress.StateBytes)
        : $"{ByteSize.Text(progress.StateBytes)} + {ByteSize.Text(progress.SpilledBytes)} spilled";
}
