using Kappa.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Kappa.Server.Http;

/// <summary>Tells that the server is up. The one address that needs no key.</summary>
internal static class HealthResource
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/health", () => Body.Answer(new HealthView("ok", Platform.ProductVersion)))
        .AllowAnonymous();
}
