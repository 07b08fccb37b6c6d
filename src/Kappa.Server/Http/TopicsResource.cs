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
        routes.MapGet("/v1/topics", () => Body.Answer(platform.Log.Topics.Select(View)));
        routes.MapGet(
            "/v1/topics/{topic}", (string topic) => Body.Answer(View(Find(platform, topic, platforms: true))));
        routes.MapPost("/v1/topics", async (HttpContext context) =>
        {
            var request = await Body.ReadAsync<CreateTopicRequest>(context);
            Names.Check("topic", request.Name);
            await platform.Log.ChangeAsync(new CreateTopic(request.Name, request.Partitions), context.RequestAborted);
            return Body.Answer(View(Find(platform, request.Name)));
        });
        routes.MapPost("/v1/topics/{topic}/complete", async (string topic, HttpContext context) =>
        {
            await platform.Log.ChangeAsync(new CompleteTopic(Find(platform, topic).Name), context.RequestAborted);
            return Body.Answer(View(Find(platform, topic)));
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

    private static TopicView View(Topic topic) =>
        new(topic.Name, topic.Partitions, topic.IsComplete, topic.Records, topic.EndOffsets);
}
