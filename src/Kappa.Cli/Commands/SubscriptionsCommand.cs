using System.CommandLine;
using Kappa.Client;

namespace Kappa.Cli.Commands;

/// <summary><c>kappa subscriptions</c>: topics that are posted to addresses.</summary>
internal static class SubscriptionsCommand
{
    public static Command Make(SessionOptions session)
    {
        var command = new Command("subscriptions", "Lists topics that are posted to addresses; adds and removes them.")
        {
            session.Complete(new Command("list", "Lists subscriptions."), ListAsync),
            Add(session),
            Remove(session),
        };
        return session.Complete(command, ListAsync);
    }

    private static async Task<int> ListAsync(Session talk, ParseResult parsed, CancellationToken cancel)
    {
        await talk.PrintAsync(await talk.Client.SubscriptionsAsync(cancel), Shown);
        return ExitCode.Done;
    }

    private static Command Add(SessionOptions session)
    {
        var name = new Argument<string>("name") { Description = "The subscription." };
        var topic = new Argument<string>("topic") { Description = "The topic; not 'alerts@2', but 'alerts'." };
        var url = new Argument<string>("url") { Description = "Where each record is posted to." };
        var headers = new Option<string[]>("--header")
        {
            Description = "A header sent along, as 'Name: value'; may be repeated.",
        };
        var from = new Option<string?>("--from")
        {
            Description = "start, end, a time or a place; default: a new one at the end, one there is where it was.",
        };
        var giveUp = new Option<double?>("--give-up-after")
        {
            Description = "After so many seconds a record is given up; default 86400.",
        };
        var command = new Command("add", "Adds a subscription, or changes one.")
        {
            name, topic, url, headers, from, giveUp,
        };
        return session.Complete(command, async (talk, parsed, cancel) =>
        {
            var request = new SubscriptionRequest(
                parsed.GetValue(topic)!, parsed.GetValue(url)!, Headers(parsed.GetValue(headers) ?? []),
                parsed.GetValue(from), parsed.GetValue(giveUp));
            var made = await talk.Client.PutSubscriptionAsync(parsed.GetValue(name)!, request, cancel);
            await talk.PrintAsync(made, one => Shown([one]));
            return ExitCode.Done;
        });
    }

    private static Command Remove(SessionOptions session)
    {
        var name = new Argument<string>("name") { Description = "The subscription." };
        var command = new Command("remove", "Ends a subscription; what is not delivered is not delivered any more.")
        {
            name,
        };
        return session.Complete(command, async (talk, parsed, cancel) =>
        {
            var gone = await talk.Client.DeleteSubscriptionAsync(parsed.GetValue(name)!, cancel);
            await talk.PrintAsync(gone, one => $"{one.Name} is removed; it had delivered up to {one.Place}.");
            return ExitCode.Done;
        });
    }

    private static Dictionary<string, string> Headers(string[] given)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var header in given)
        {
            var colon = header.IndexOf(':', StringComparison.Ordinal);
            headers[colon > 0
                ? header[..colon].Trim()
                : throw new RequestFailedException(
                    0, $"'{header}' is no header.", "Write --header 'Name: value'.")] = header[(colon + 1)..].Trim();
        }

        return headers;
    }

    private static string Shown(IReadOnlyList<SubscriptionView> subscriptions)
    {
        var table = new TextTable("SUBSCRIPTION", "TOPIC", "URL", "OF JOB", "WAITING", "FAILING", "DELIVERED TO");
        var notes = "";
        foreach (var one in subscriptions)
        {
            table.Add(one.Name, one.Topic, one.Url, one.Job ?? "", one.Waiting, one.Failing, one.Place);
            notes += one.Error is null ? "" : $"{one.Name} {(one.Ended ? "has ended" : "fails")}: {one.Error}\n";
            notes += one.GivenUp == 0 ? "" : $"{one.Name} gave up {one.GivenUp}: 'kappa read {one.DeadTopic}'\n";
        }

        return table + notes;
    }
}
