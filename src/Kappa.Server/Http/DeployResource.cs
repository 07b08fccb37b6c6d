using Kappa.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Kappa.Server.Http;

/// <summary>Deploys jobs of an artifact: runs its code on this machine.</summary>
internal static class DeployResource
{
    public static void Map(IEndpointRouteBuilder routes, Platform platform) =>
        routes.MapPost("/v1/deploy", async (HttpContext context) =>
        {
            var request = await Body.ReadAsync<DeployRequest>(context);
            return Body.Answer(await platform.Deployment.RunAsync(request, Caller.Name(context), context.RequestAborted));
        });
}

/// <summary>Who asks.</summary>
internal static class Caller
{
    /// <summary>The name of the key, which the journal keeps with each record.</summary>
    public static string Name(HttpContext context) => context.User.Identity?.Name ?? "kappa";
}
