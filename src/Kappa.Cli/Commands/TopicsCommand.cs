using System.CommandLine;
using Kappa.Client;

namespace Kappa.Cli.Commands;

/// <summary><c>kappa topics</c>: lists, creates, changes, completes and deletes topics.</summary>
internal static class TopicsCommand
{
    public static Command Make(SessionOptions session)
    {
        var command = new Command("topics", "Lists topics; creates, changes, completes and deletes them.")
        {
            session.Complete(new Command("list", "Lists topics."), ListAsync),
            Create(session),
            Set(session),
            CompleteTopic(session),
            Delete(session),
        };
        return session.Complete(command, ListAsync);
    }

    private static async Task<int> ListAsync(Session talk, ParseResult parsed, CancellationToken cancel)
    {
        var topics = await talk.Client.TopicsAsync(cancel);
        var replays = topics.Any(topic => topic.Start is not null || topic.StartSoon is not null)
            ? Replays(await talk.Client.JobsAsync(cancel)) : "";
        await talk.PrintAsync(topics, all => Shown(all) + replays);
        return ExitCode.Done;
    }

    private static Command Create(SessionOptions session)
    {
        var name = new Argument<string>("topic") { Description = "The new topic." };
        var partitions = new Option<int>("--partitions") { Description = "1 to 1024.", DefaultValueFactory = _ => 1 };
        var settings = new TopicSettingsOptions();
        var command = new Command("create", "Creates a topic.") { name, partitions };
        settings.AddTo(command);
        return session.Complete(command, async (talk, parsed, cancel) =>
        {
            var request = new CreateTopicRequest(
                parsed.GetValue(name)!, parsed.GetValue(partitions), settings.Read(parsed));
            await talk.PrintAsync(await talk.Client.CreateTopicAsync(request, cancel), topic => Shown([topic]));
            return ExitCode.Done;
        });
    }

    private static Command Set(SessionOptions session)
    {
        var name = new Argument<string>("topic") { Description = "The topic to change." };
        var settings = new TopicSettingsOptions();
        var command = new Command("set", "Changes how a topic is kept from now on.") { name };
        settings.AddTo(command);
        return session.Complete(command, async (talk, parsed, cancel) =>
        {
            var request = settings.Read(parsed) ?? throw new RequestFailedException(
                0, $"Nothing is to be changed of topic '{parsed.GetValue(name)}'.",
                "Give --compression, --retain-days, --retain-bytes or --lose-history.");
            var topic = await talk.Client.SetTopicAsync(parsed.GetValue(name)!, request, cancel);
            var replays = topic.StartSoon is null ? "" : Replays(await talk.Client.JobsAsync(cancel));
            await talk.PrintAsync(topic, one => Shown([one]) + replays);
            return ExitCode.Done;
        });
    }

    private static Command Delete(SessionOptions session)
    {
        var name = new Argument<string>("topic") { Description = "The topic to delete." };
        var force = new Option<string?>("--force")
        {
            Description = "Its name again: delete it although it is read; what reads it fails.",
        };
        var command = new Command("delete", "Deletes a topic with all its records, for ever.") { name, force };
        return session.Complete(command, async (talk, parsed, cancel) =>
        {
            await talk.PrintAsync(
                await talk.Client.DeleteTopicAsync(parsed.GetValue(name)!, parsed.GetValue(force), cancel),
                answer => answer.Text + "\n");
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
        var table = new TextTable(
            "TOPIC", "PARTITIONS", "RECORDS", "STATE", "OF JOB", "RELAYED TO", "PROJECTED", "KEPT");
        var notes = "";
        foreach (var topic in topics)
        {
            table.Add(topic.Name, topic.Partitions, topic.Records, State(topic),
                topic.Job ?? "", Relayed(topic), Projected(topic), Kept(topic));
            notes += string.Concat(topic.Stopped?.Select(one =>
                $"{topic.Name}, partition {one.Key}, stands still: {one.Value}\n") ?? []);
            notes += topic.Start is { } start ? $"{topic.Name} begins behind {start}\n" : "";
            notes += topic.StartSoon is { } soon
                ? $"{topic.Name} loses {topic.RecordsSoon} records within a day, and begins behind {soon} then\n" : "";
        }

        return table + notes;
    }

    /// <summary>Where replays can begin, and that this is about to move.</summary>
    private static string Replays(IReadOnlyList<JobView> jobs) => string.Concat(jobs
        .Where(job => job.Earliest is not null || job.EarliestSoon is not null)
        .Select(job => $"{job.Job} can be replayed from {job.Earliest ?? "the start"} on"
            + (job.EarliestSoon is { } soon ? $"; within a day from {soon} on only" : "") + "\n"));

    private static string Kept(TopicView topic)
    {
        var words = new List<string>();
        if (topic.RetainSeconds is { } seconds)
        {
            words.Add(string.Create(
                System.Globalization.CultureInfo.InvariantCulture, $"{seconds / 86_400.0:0.###} days"));
        }

        if (topic.RetainBytes is { } bytes)
        {
            words.Add(ByteSize.Text(bytes));
        }

        if (topic.Compression != "none")
        {
            words.Add(topic.Compression);
        }

        return string.Join(", ", words);
    }

    private static string State(TopicView topic) =>
        topic.Stopped is not null ? "stopped" : topic.Complete ? "complete" : "open";

    private static string Relayed(TopicView topic) =>
        topic.Relayed + (topic.SaysHistory is true ? " from the start" : "");

    private static string Projected(TopicView topic) =>
        topic.ProjectionBytes > 0 ? string.Create(
            System.Globalization.CultureInfo.InvariantCulture, $"{topic.ProjectionBytes / 1048576.0:0.0} MiB")
        : topic.NotProjected is { } why ? "no: " + why
        : "";
}
