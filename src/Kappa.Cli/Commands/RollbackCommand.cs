using System.CommandLine;

namespace Kappa.Cli.Commands;

/// <summary><c>kappa rollback</c>: back to the version that was live before.</summary>
internal static class RollbackCommand
{
    public static Command Make(SessionOptions session)
    {
        var job = new Argument<string>("job") { Description = "The job." };
        var leave = new Option<string?>("--leave")
        {
            Description = "The version to leave: where it is live no longer nothing happens, so it may be repeated.",
        };
        var command = new Command("rollback", "Switches readers back to the version that was live before, at once.")
        {
            job, leave,
        };
        return session.Complete(command, async (talk, parsed, cancel) =>
        {
            await talk.PrintAsync(
                await talk.Client.RollbackAsync(parsed.GetValue(job)!, parsed.GetValue(leave), cancel),
                answer => answer.Text);
            return ExitCode.Done;
        });
    }
}
