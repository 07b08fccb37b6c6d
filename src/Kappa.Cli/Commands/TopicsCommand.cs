using System.CommandLine;
using Kappa.Client;

namespace Kappa.Cli.Commands;

/// <summary><c>kappa topics</c>: lists, creates and completes topics.</summary>
internal static class TopicsCommand
{
    public static Command Make(SessionOptions session)
    {
        var command = new Command("topics", "Lists topics; creates and completes them.")
        {
            session.Complete(new Command("list", "Lists topics."), ListAsync),
            Create(session),
            CompleteTopic(session),
        };
        return session.Complete(command, ListAsync);
    }

    private static async Task<int> ListAsync(Session talk, ParseResult parsed, CancellationToken cancel)
    {
        await talk.PrintAsync(await talk.Client.TopicsAsync(cancel), Shown);
        return ExitCode.Done;
    }

    private static Command Create(SessionOptions session)
    {
        var name = new Argument<string>("topic") { Description = "The new topic." };
        var partitions = new Option<int>("--partitions") { Description = "1 to 1024.", DefaultValueFactory = _ => 1 };
        var command = new Command("create", "Creates a topic.") { name, partitions };
        return session.Complete(command, async (talk, parsed, cancel) =>
        {
            var request = new CreateTopicRequest(parsed.GetValue(name)!, parsed.GetValue(partitions));
            await talk.PrintAsync(await talk.Client.CreateTopicAsync(request, cancel), topic => Shown([topic]));
            return ExitCode.Done;
        });
    }

    private static Command CompleteTopic(SessionOptions session)
    {
        var name = new Argument<string>("topic") { Description = "The topic to end." };
        var command =
            new Command("complete", "Ends a topic: later records are refused, and all its windows close.") { name };
        return session.Complete(command, async (talk, parsed, cancel) =>
        {
            await talk.PrintAsync(
                await talk.Client.CompleteTopicAsync(parsed.GetValue(name)!, cancel), topic => Shown([topic]));
            return ExitCode.Done;
        });
    }

    private static string Shown(IReadOnlyList<TopicView> topics)
    {
        var table = new TextTable("TOPIC", "PARTITIONS", "RECORDS", "STATE", "OF JOB", "RELAYED TO", "PROJECTED");
        foreach (var topic in topics)
        {
            table.Add(topic.Name, topic.Partitions, topic.Records, topic.Complete ? "complete" : "open",
                topic.Job ?? "", Relayed(topic), Projected(topic));
        }

        return table.ToString();
    }

    private static string Relayed(TopicView topic) =>
        topic.Relayed + (topic.SaysHistory is true ? " from the start" : "");

    private static string Projected(TopicView topic) =>
        topic.ProjectionBytes > 0 ? string.Create(
            System.Globalization.CultureInfo.InvariantCulture, $"{topic.ProjectionBytes / 1048576.0:0.0} MiB")
        : topic.NotProjected is { } why ? "no: " + why
        : "";
}
