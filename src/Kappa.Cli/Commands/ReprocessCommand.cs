using System.CommandLine;

namespace Kappa.Cli.Commands;

/// <summary><c>kappa reprocess</c>: the next version of a job from the same code.</summary>
internal static class ReprocessCommand
{
    public static Command Make(SessionOptions session)
    {
        var job = new Argument<string>("job") { Description = "The job." };
        var reads = new Option<string[]>("--reads")
        {
            Description = "A version whose output it shall read, rather than the live one; may be given again.",
        };
        var wait = new Option<bool>("--wait") { Description = "Wait until the new version is caught up." };
        var publish = PublishHistoryOption.Make();
        var command = new Command(
            "reprocess", "Reads the log from the start into new tables beside the live ones.")
        {
            job, reads, wait, publish,
        };
        return session.Complete(command, async (talk, parsed, cancel) =>
        {
            var answer = await talk.Client.ReprocessAsync(
                parsed.GetValue(job)!, parsed.GetValue(reads) ?? [], parsed.GetValue(publish), cancel);
            if (parsed.GetValue(wait))
            {
                await ProgressLine.WaitAsync(talk, answer.Versions, cancel);
            }

            await talk.PrintAsync(answer, made => made.Text);
            return ExitCode.Done;
        });
    }
}
