using Kappa.Client;
using Kappa.Log;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Kappa.Server.Http;

/// <summary>Topics: listed, created, changed, completed, deleted.</summary>
internal static class TopicsResource
{
    public static void Map(IEndpointRouteBuilder routes, Platform platform)
    {
        routes.MapGet("/v1/topics", () => Body.Answer(platform.Log.Topics.Select(topic => View(platform, topic))));
        routes.MapGet(
            "/v1/topics/{topic}", (string topic) =>
                Body.Answer(View(platform, Find(platform, topic, platforms: true))));
        routes.MapPost("/v1/topics", async (HttpContext context) =>
        {
            var request = await Body.ReadAsync<CreateTopicRequest>(context);
            RefuseOutput(platform, Names.Check("topic", request.Name));
            var settings = request.Settings is { } asked ? Merge(request.Name, TopicSettings.Default, asked) : null;
            await platform.Log.ChangeAsync(
                new CreateTopic(request.Name, request.Partitions, settings), context.RequestAborted);
            return Body.Answer(View(platform, Find(platform, request.Name)));
        });
        routes.MapPatch("/v1/topics/{topic}", async (string topic, HttpContext context) =>
        {
            var request = await Body.ReadAsync<TopicSettingsRequest>(context);
            var found = Find(platform, topic);
            await platform.Log.ChangeAsync(
                new SetTopic(found.Name, Merge(topic, found.Settings, request)), context.RequestAborted);
            return Body.Answer(View(platform, Find(platform, topic)));
        });
        routes.MapDelete("/v1/topics/{topic}", (string topic, HttpContext context) =>
            DeleteAsync(platform, topic, context));
        routes.MapPost("/v1/topics/{topic}/complete", async (string topic, HttpContext context) =>
        {
            RefuseOutput(platform, topic);
            await platform.Log.ChangeAsync(new CompleteTopic(Find(platform, topic).Name), context.RequestAborted);
            return Body.Answer(View(platform, Find(platform, topic)));
        });
    }

    /// <summary>A topic by name.</summary>
    /// <param name="platform">The platform.</param>
    /// <param name="name">The name given.</param>
    /// <param name="platforms">Are the platform's own topics allowed?</param>
    /// <exception cref="KappaException">The name is none, or there is no such topic.</exception>
    public static Topic Find(Platform platform, string name, bool platforms = false)
    {
        if (!(platforms && (name is Names.Clock or Names.Lifecycle || Names.IsDerived(name))))
        {
            Names.Check("topic", name);
        }

        return platform.Log.Topics.FirstOrDefault(topic => topic.Name == name) ?? throw new KappaException(
            ErrorKind.NotFound, $"There is no topic '{name}'.",
            $"Create it with 'kappa topics create {name}', or deploy a job that reads it.");
    }

    /// <summary>Refuses to let anybody but the platform write what a job says (rule E3).</summary>
    public static void RefuseOutput(Platform platform, string topic)
    {
        if (Names.IsDerived(topic))
        {
            throw new KappaException(
                ErrorKind.Forbidden, $"Topic '{topic}' is what a version of a job says: only that version writes it.",
                "Append to a topic of your own.");
        }

        if (platform.Journal.Catalog.OutputOwner(topic) is { } job)
        {
            throw new KappaException(
                ErrorKind.Forbidden, $"Topic '{topic}' is an output of job '{job}': only that job writes it.",
                "Append to a topic of your own; the job may read it.");
        }
    }

    private static async Task<IResult> DeleteAsync(Platform platform, string topic, HttpContext context)
    {
        RefuseOutput(platform, topic);
        var found = Find(platform, topic);
        var force = context.Request.Query["force"].ToString();
        if (force.Length > 0 && force != topic)
        {
            throw new KappaException(
                ErrorKind.Invalid, $"'{force}' is not the name of the topic to be deleted, '{topic}'.",
                $"Write its name once more: --force {topic}.");
        }

        IReadOnlyList<string> readers = [];
        await platform.Deployment.AloneAsync(
            async cancel =>
            {
                readers = [.. platform.Retaining.Readers(topic).Select(version => version.Version.ToString()),
                    .. platform.Webhooks.All.Where(one => one.Subscription.Topic == topic && !one.Subscription.Ended)
                        .Select(one => $"subscription '{one.Subscription.Name}'")];
                if (readers.Count > 0 && force.Length == 0)
                {
                    throw new KappaException(
                        ErrorKind.Conflict, $"Topic '{topic}' is read by {string.Join(", ", readers)}.",
                        $"Drop these first; or delete it all the same with --force {topic} (force={topic}): "
                            + "versions fail then, and subscriptions end.");
                }

                await platform.Log.ChangeAsync(new DeleteTopic(found.Name), cancel);
                await platform.Webhooks.EndAsync(topic);
            },
            context.RequestAborted);
        var text = $"Topic '{topic}' is deleted with {found.Records} records."
            + (readers.Count == 0 ? "" : $" These read it, and fail or have ended: {string.Join(", ", readers)}.");
        return Body.Answer(new LoopAnswer(text, [], null));
    }

    private static TopicSettings Merge(string topic, TopicSettings now, TopicSettingsRequest asked)
    {
        if (asked.RetainSeconds is < 0 or > int.MaxValue || asked.RetainBytes is < 0)
        {
            throw new KappaException(
                ErrorKind.Invalid,
                $"Topic '{topic}' cannot retain {asked.RetainBytes} bytes for {asked.RetainSeconds} seconds.",
                "Give bytes from 1 MiB on and seconds from 60 on; 0 for no bound.");
        }

        return now with
        {
            Compression = asked.Compression switch
            {
                null => now.Compression,
                "none" => Compression.None,
                "brotli" => Compression.Brotli,
                var other => throw new KappaException(
                    ErrorKind.Invalid, $"Topic '{topic}' cannot be compressed by '{other}'; allowed are none, brotli.",
                    "Choose one of these."),
            },
            RetainBytes = asked.RetainBytes is { } bytes ? bytes == 0 ? null : bytes : now.RetainBytes,
            RetainFor = asked.RetainSeconds is { } seconds
                ? seconds == 0 ? null : TimeSpan.FromSeconds(seconds) : now.RetainFor,
            LoseHistory = asked.LoseHistory ?? now.LoseHistory,
        };
    }

    private static TopicView View(Platform platform, Topic topic)
    {
        var soon = platform.Retaining.Soon(topic);
        var catalog = platform.Journal.Catalog;
        var said = topic.IsDerived ? topic.Name[..topic.Name.LastIndexOf('@')] : topic.Name;
        var job = catalog.OutputOwner(said);
        return new TopicView(
            topic.Name, topic.Partitions, topic.IsComplete, topic.Records, topic.EndOffsets,
            topic.IsPlatforms ? "platform" : topic.IsDerived ? "derived" : job is null ? "topic" : "output",
            job, topic.IsDerived ? null : platform.Versions.RelayedTo(topic.Name)?.ToString(),
            platform.Embedded.ProjectionsOf(topic.Name).Bytes, platform.NotProjected(topic.Name),
            topic.Settings.Compression == Compression.Brotli ? "brotli" : "none", topic.Settings.RetainBytes,
            (long?)topic.Settings.RetainFor?.TotalSeconds, topic.Settings.LoseHistory, topic.StartOffsets,
            topic.Start > Place.Start ? topic.Start.ToString() : null, soon?.NextStart.ToString(), soon?.Records ?? 0)
        {
            SaysHistory = topic.IsDerived ? null : catalog.SaysHistory(topic.Name),
            Stopped = topic.Stopped.Count == 0
                ? null : topic.Stopped.ToDictionary(one => one.Key, one => $"{one.Value.Message} {one.Value.Next}"),
        };
    }
}
