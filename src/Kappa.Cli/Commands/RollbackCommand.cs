using System.CommandLine;

namespace Kappa.Cli.Commands;

/// <summary><c>kappa rollback</c>: back to the version that was live before.</summary>
internal static class RollbackCommand
{
    public static Command Make(SessionOptions session)
    {
        var job = new Argument<string>("job") { Description = "The job." };
        var command = new Command("rollback", "Switches readers back to the version that was live before, at once.") { job };
        return session.Complete(command, async (talk, parsed, cancel) =>
        {
            await talk.PrintAsync(await talk.Client.RollbackAsync(parsed.GetValue(job)!, cancel), answer => answer.Text);
            return ExitCode.Done;
        });
    }
}
