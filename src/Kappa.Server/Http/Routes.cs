using Microsoft.AspNetCore.Routing;

namespace Kappa.Server.Http;

/// <summary>Every resource of the API.</summary>
internal static class Routes
{
    public static void Map(IEndpointRouteBuilder routes, Platform platform)
    {
        HealthResource.Map(routes);
        TopicsResource.Map(routes, platform);
        AppendResource.Map(routes, platform);
        ReadResource.Map(routes, platform);
        ArtifactsResource.Map(routes, platform);
        DeployResource.Map(routes, platform);
        JobsResource.Map(routes, platform);
        LoopResource.Map(routes, platform);
        TablesResource.Map(routes, platform);
        QueryResource.Map(routes, platform);
        SubscriptionsResource.Map(routes, platform);
        MirrorsResource.Map(routes, platform);
        BackupResource.Map(routes, platform);
    }
}
