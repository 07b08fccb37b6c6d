using System.CommandLine;
using System.Globalization;
using System.Text;
using Kappa.Client;

namespace Kappa.Cli.Commands;

/// <summary>
/// <c>kappa deploy</c>: builds a project here, uploads it, and deploys its jobs. Deploying code is running code.
/// </summary>
internal static class DeployCommand
{
    public static Command Make(SessionOptions session)
    {
        var program = new Argument<string>("program")
        {
            Description = "A project file, a folder with one, a published folder, or a dll in it.",
        };
        var jobs = new Option<string[]>("--job") { Description = "Only this job; may be given again." };
        var plan = new Option<bool>("--plan") { Description = "Only say what would happen." };
        var wait = new Option<bool>("--wait") { Description = "Wait until every new version is caught up." };
        var publish = PublishHistoryOption.Make();
        var command =
            new Command("deploy", "Deploys the jobs of a program; changed ones are reprocessed beside the live ones.")
        {
            program, jobs, plan, wait, publish,
        };
        return session.Complete(command, async (talk, parsed, cancel) =>
        {
            var zip = await ProgramBuild.ZipAsync(talk, parsed.GetValue(program)!, cancel);
            await talk.SayAsync($"uploading {TextTable.Text(zip.Length / 1024L)} KiB");
            var artifact = await talk.Client.UploadAsync(zip, cancel);
            var named = parsed.GetValue(jobs) is { Length: > 0 } names ? names : null;
            var answer = await talk.Client.DeployAsync(
                new DeployRequest(artifact.Artifact, named, parsed.GetValue(plan), parsed.GetValue(publish)), cancel);
            if (parsed.GetValue(wait) && !answer.Planned)
            {
                await ProgressLine.WaitAsync(talk, [.. answer.Jobs.Select(job => job.Version)], cancel);
            }

            await talk.PrintAsync(answer, Shown);
            return ExitCode.Done;
        });
    }

    private static string Shown(DeployAnswer answer)
    {
        var text = new StringBuilder();
        foreach (var job in answer.Jobs)
        {
            text.Append(CultureInfo.InvariantCulture, $"{job.Version}  {job.Text}\n");
            foreach (var change in job.Changes)
            {
                text.Append("  changed: ").Append(change).Append('\n');
            }

            text.Append("  reads: ").AppendJoin(", ", job.Topics)
                .Append(CultureInfo.InvariantCulture, $" ({job.Records:N0} records)\n");
            if (job.Earliest is { } earliest)
            {
                text.Append("  replays begin behind: ").Append(earliest)
                    .Append(", retention removed what was before\n");
            }

            foreach (var (topic, place) in job.Preloads)
            {
                text.Append("  reads first: ").Append(topic).Append(" up to ").Append(place).Append('\n');
            }

            text.Append("  writes: ").AppendJoin(", ", job.Tables).Append('\n');
            if (job.Outputs.Count > 0)
            {
                text.Append("  says: ").AppendJoin(", ", job.Outputs).Append('\n');
            }

            if (job.History.Count > 0)
            {
                text.Append("  to the world from the first record on: ").AppendJoin(", ", job.History).Append('\n');
            }

            if (job.CreatedTopics.Count > 0)
            {
                text.Append(answer.Planned ? "  would create topics: " : "  created topics: ")
                    .AppendJoin(", ", job.CreatedTopics).Append(" (1 partition each)\n");
            }
        }

        return text.ToString();
    }
}
