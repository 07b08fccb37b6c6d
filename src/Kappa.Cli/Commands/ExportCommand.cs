using System.CommandLine;

namespace Kappa.Cli.Commands;

/// <summary><c>kappa export</c>: the canonical form of a table; equal tables have equal bytes.</summary>
internal static class ExportCommand
{
    public static Command Make(SessionOptions session)
    {
        var table = new Argument<string>("table") { Description = "The table, or table@version." };
        var output = new Option<string?>("--output") { Description = "A file; default: standard output." };
        var command = new Command("export", "Prints the canonical form of a table; its checksum goes to standard error.")
        {
            table, output,
        };
        return session.Complete(command, async (talk, parsed, cancel) =>
        {
            string checksum;
            if (parsed.GetValue(output) is { } path)
            {
                await using var file = File.Create(path);
                checksum = await talk.Client.ExportAsync(parsed.GetValue(table)!, file, cancel);
            }
            else
            {
                checksum = await talk.Client.ExportAsync(parsed.GetValue(table)!, talk.Terminal.OutBytes, cancel);
                await talk.Terminal.OutBytes.FlushAsync(cancel);
            }

            await talk.SayAsync("sha256 " + checksum);
            return ExitCode.Done;
        });
    }
}
