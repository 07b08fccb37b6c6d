using System.CommandLine;

namespace Kappa.Cli.Commands;

/// <summary><c>kappa restored</c>: are the tables of a restored server those of the old one?</summary>
internal static class RestoredCommand
{
    public static Command Make(SessionOptions session)
    {
        var command = new Command(
            "restored", "Says of a restored server whether its tables, computed again, are those of the old one.");
        return session.Complete(command, async (talk, _, cancel) =>
        {
            var answer = await talk.Client.RestoredAsync(cancel);
            await talk.PrintAsync(answer, from =>
                $"The log up to {from.Place} is that of {from.Log}, backed up {from.TakenAt:u}.\n"
                + string.Join('\n', from.Versions.Select(version =>
                    $"{version.Version} ({version.State}): {version.Verdict ?? version.Note ?? "not there yet"}")));
            return answer.Versions.Any(version => version.Verdict is { } verdict && verdict != "same")
                ? ExitCode.Different : ExitCode.Done;
        });
    }
}
