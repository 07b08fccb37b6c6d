using Kappa.Client;
using Kappa.Log;
using Kappa.Server.Subscriptions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Kappa.Server.Http;

/// <summary>Push subscriptions (rule E3). The addresses are the operator's: this machine and its network too.</summary>
internal static class SubscriptionsResource
{
    public static void Map(IEndpointRouteBuilder routes, Platform platform)
    {
        routes.MapGet("/v1/subscriptions", () => Body.Answer(platform.Webhooks.All.Select(View)));
        routes.MapGet("/v1/subscriptions/{name}", (string name) => Body.Answer(Find(platform, name)));
        routes.MapPut("/v1/subscriptions/{name}", async (string name, HttpContext context) =>
        {
            var request = await Body.ReadAsync<SubscriptionRequest>(context);
            var subscription = new Subscription(
                name, request.Topic, request.Url, request.Headers ?? new Dictionary<string, string>(),
                request.GiveUpAfterSeconds);
            await platform.Webhooks.PutAsync(
                subscription, await FromAsync(platform, request.From), context.RequestAborted);
            return Body.Answer(Find(platform, name));
        });
        routes.MapDelete("/v1/subscriptions/{name}", async (string name, HttpContext context) =>
        {
            var found = Find(platform, name);
            await platform.Webhooks.DeleteAsync(name, context.RequestAborted);
            return Body.Answer(found);
        });
    }

    private static SubscriptionView Find(Platform platform, string name)
    {
        Names.Check("subscription", name);
        var found = platform.Webhooks.All.FirstOrDefault(one => one.Subscription.Name == name);
        return found.Subscription is null
            ? throw new KappaException(
                ErrorKind.NotFound, $"There is no subscription '{name}'.", "See 'kappa subscriptions'.")
            : View(found);
    }

    private static async ValueTask<Place?> FromAsync(Platform platform, string? from)
    {
        switch (from)
        {
            case null:
                return null;
            case "start":
                return Place.Start;
            case "end":
                await using (var sequence = platform.Log.Read([], Place.Start))
                {
                    return sequence.CompleteTo;
                }

            default:
                return Place.TryParse(from, out var place) ? place : throw new KappaException(
                    ErrorKind.Invalid, $"from is '{from}', which is neither start nor end, a time or a place.",
                    "Leave it out to begin with the next record.");
        }
    }

    private static SubscriptionView View((Subscription Subscription, PushState State) one)
    {
        var (subscription, state) = one;
        return new SubscriptionView(
            subscription.Name, subscription.Topic, subscription.Url,
            [.. subscription.Headers.Keys.Order(StringComparer.Ordinal)], subscription.GiveUpAfterSeconds,
            subscription.Job, state.After.ToString(), state.Waiting, state.Failing, state.Delivered, state.GivenUp,
            state.Error, subscription.DeadTopic, subscription.Ended);
    }
}
