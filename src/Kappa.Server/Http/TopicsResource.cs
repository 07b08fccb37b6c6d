using Kappa.Client;
using Kappa.Log;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Kappa.Server.Http;

/// <summary>Topics: listed, created, completed.</summary>
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
            await platform.Log.ChangeAsync(new CreateTopic(request.Name, request.Partitions), context.RequestAborted);
            return Body.Answer(View(platform, Find(platform, request.Name)));
        });
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

    private static TopicView View(Platform platform, Topic topic)
    {
        var catalog = platform.Journal.Catalog;
        var said = topic.IsDerived ? topic.Name[..topic.Name.LastIndexOf('@')] : topic.Name;
        var job = catalog.OutputOwner(said);
        return new TopicView(
            topic.Name, topic.Partitions, topic.IsComplete, topic.Records, topic.EndOffsets,
            topic.IsPlatforms ? "platform" : topic.IsDerived ? "derived" : job is null ? "topic" : "output",
            job, topic.IsDerived ? null : platform.Versions.RelayedTo(topic.Name)?.ToString(),
            platform.Embedded.ProjectionsOf(topic.Name).Bytes, platform.NotProjected(topic.Name))
        {
            SaysHistory = topic.IsDerived ? null : catalog.SaysHistory(topic.Name),
        };
    }
}
