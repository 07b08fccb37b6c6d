using Kappa.Client;
using Kappa.Server.Programs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Kappa.Server.Http;

/// <summary>Takes published programs. Storing one runs nothing; deploying it does.</summary>
internal static class ArtifactsResource
{
    public static void Map(IEndpointRouteBuilder routes, Platform platform) =>
        routes.MapPost("/v1/artifacts", async (HttpContext context) =>
        {
            Body.RequireType(context, "application/zip");
            var zip = await Body.ReadBytesAsync(context, ArtifactZip.UploadBytesMax);
            using var stream = new MemoryStream(zip.ToArray(), writable: false);
            var artifact = platform.Artifacts.Store(ArtifactZip.Read(stream));
            return Body.Answer(new ArtifactView(artifact.Id, artifact.Files.Count, artifact.Bytes));
        });
}
