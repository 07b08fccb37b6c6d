using System.CommandLine;
using Kappa.Client;

namespace Kappa.Cli.Commands;

/// <summary><c>kappa append</c>: lines of JSON into a topic, in requests of bounded size.</summary>
internal static class AppendCommand
{
    private const int RequestBytesMax = 4 << 20;

    public static Command Make(SessionOptions session)
    {
        var topic = new Argument<string>("topic") { Description = "The topic." };
        var file = new Argument<string>("file")
        {
            Description = "A file with one JSON value per line; '-' or none: what is piped in.",
            DefaultValueFactory = _ => "-",
        };
        var keyField =
            new Option<string?>("--key-field") { Description = "The property whose value is the record's key." };
        var request = new Option<string?>("--request")
        {
            Description = "A name for this append: appended again under the same name, nothing is added twice.",
        };
        var bad = new Option<string>("--bad-lines")
        {
            Description = "refuse: a bad line stops the append; skip: bad lines are listed and left out.",
            DefaultValueFactory = _ => "refuse",
        };
        bad.AcceptOnlyFromAmong("refuse", "skip");
        var remove = new Option<bool>("--remove")
        {
            Description = "Append the keys without values: they remove the rows of a table's topic.",
        };
        var complete = new Option<bool>("--complete")
        {
            Description = "Then complete the topic: it takes no more records, and its windows close.",
        };
        var command = new Command("append", "Appends records to a topic; returns when they are on disk.")
        {
            topic, file, keyField, request, bad, remove, complete,
        };
        return session.Complete(command, async (talk, parsed, cancel) =>
        {
            var name = parsed.GetValue(file)!;
            await using var input = name == "-" ? talk.Terminal.In : File.OpenRead(name);
            var settings = new Settings(
                parsed.GetValue(keyField), parsed.GetValue(request), parsed.GetValue(bad) == "skip",
                parsed.GetValue(remove));
            var code = await AppendAsync(talk, parsed.GetValue(topic)!, input, settings, cancel);
            if (parsed.GetValue(complete))
            {
                await talk.Client.CompleteTopicAsync(parsed.GetValue(topic)!, cancel);
                await talk.SayAsync($"{parsed.GetValue(topic)} is complete");
            }

            return code;
        });
    }

    private static async Task<int> AppendAsync(
        Session talk, string topic, Stream input, Settings settings, CancellationToken cancel)
    {
        var producer = settings.Request ?? "cli-" + Guid.NewGuid().ToString("N");
        var (records, bad, repeated, number, linesBefore) = (0L, 0L, true, 0L, 0L);
        AppendAnswer? last = null;
        await foreach (var lines in LineBlocks.ReadAsync(input, RequestBytesMax, cancel))
        {
            last = await AppendBlockAsync(talk, topic, lines, settings, $"{producer}:{number++}", linesBefore, cancel);
            records += last?.Records ?? 0;
            bad += last?.BadLineCount ?? 0;
            repeated &= last?.Repeated ?? true;
            linesBefore += lines.Span.Count((byte)'\n');
            if (talk.Terminal.IsInteractive)
            {
                await talk.Terminal.Error.WriteAsync($"\r{topic}  {TextTable.Text(records)} records");
            }
        }

        if (last is null)
        {
            throw new RequestFailedException(
                400, "There was nothing to append.", "Give a file with one JSON value per line.");
        }

        var total = last with { Records = records, BadLineCount = bad, Repeated = repeated };
        await talk.PrintAsync(total, answer => answer.Repeated
            ? $"{answer.Topic}: {TextTable.Text(answer.Records)} records had been appended before; nothing was added"
            : $"{answer.Topic}: {TextTable.Text(answer.Records)} records appended, up to {answer.Place}"
                + (answer.BadLineCount > 0 ? $"; {TextTable.Text(answer.BadLineCount)} bad lines left out" : ""));
        return ExitCode.Done;
    }

    private static async Task<AppendAnswer> AppendBlockAsync(
        Session talk, string topic, ReadOnlyMemory<byte> lines, Settings settings, string key, long linesBefore,
        CancellationToken cancel)
    {
        try
        {
            var answer = settings.Removes
                ? await talk.Client.RemoveAsync(topic, lines, KeyFieldOf(settings), key, settings.SkipBad, cancel)
                : await talk.Client.AppendAsync(topic, lines, settings.KeyField, key, settings.SkipBad, cancel);
            foreach (var bad in answer.BadLines)
            {
                await talk.SayAsync($"line {bad.Line + linesBefore}: {bad.Reason}");
            }

            return answer;
        }
        catch (RequestFailedException refused) when (linesBefore > 0 && refused.Status == 400)
        {
            throw new RequestFailedException(
                refused.Status, $"Behind line {linesBefore}: {refused.Message} The lines before are appended.",
                refused.Next + " Append the whole file again under the same --request: what is there is not added "
                    + "twice.", refused);
        }
    }

    private static string KeyFieldOf(Settings settings) => settings.KeyField ?? throw new RequestFailedException(
        400, "--remove needs to know which keys are removed.", "Name the property that has them with --key-field.");

    private sealed record Settings(string? KeyField, string? Request, bool SkipBad, bool Removes);
}
