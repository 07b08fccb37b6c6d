using Kappa.Client;
using Kappa.Log;
using Kappa.Server.Mirrors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Kappa.Server.Http;

/// <summary>Mirrors of topics (rule L9). The addresses are the operator's: folders of this machine too.</summary>
internal static class MirrorsResource
{
    public static void Map(IEndpointRouteBuilder routes, Platform platform)
    {
        routes.MapGet("/v1/mirrors", () => Body.Answer(platform.Mirrors.All.Select(View)));
        routes.MapPost("/v1/mirrors", async (Microsoft.AspNetCore.Http.HttpContext context) =>
        {
            var request = await Body.ReadAsync<MirrorRequest>(context);
            var topic = TopicsResource.Find(platform, request.Topic, platforms: true);
            if (topic.IsDerived)
            {
                throw new KappaException(
                    ErrorKind.Invalid, $"Topic '{topic.Name}' is what one version says, and goes with it.",
                    $"Mirror '{topic.Name[..topic.Name.LastIndexOf('@')]}', or what it is computed from.");
            }

            var made = await platform.Mirrors.PutAsync(
                topic.Name, request.Store, request.IsStopped, request.TakeOver, context.RequestAborted);
            return Body.Answer(View(platform.Mirrors.All.Single(one => one.Setting.Name == made.Name)));
        });
        routes.MapDelete("/v1/mirrors/{name}", async (string name, Microsoft.AspNetCore.Http.HttpContext context) =>
        {
            var was = platform.Mirrors.All.FirstOrDefault(one => one.Setting.Name == name);
            await platform.Mirrors.DeleteAsync(
                name, QueryFlag.Read(context, "lose-history"), context.RequestAborted);
            return Body.Answer(View(was));
        });
    }

    private static MirrorView View((MirrorSetting Setting, MirrorProgress Progress, string? Error) one)
    {
        var (setting, progress, error) = one;
        if (setting.Origin is not null)
        {
            return new MirrorView(
                setting.Name, setting.Topic, setting.Store, "inherited", progress.Segments, progress.Bytes, 0,
                progress.Verified, error ?? (progress.Erasing == 0 ? null
                    : $"Values that were erased here are in {progress.Erasing} of its segments still. Readers here do"
                        + " not get them; to have them gone from there, erase them with the server it is of."));
        }

        return new MirrorView(
            setting.Name, setting.Topic, setting.Store,
            setting.IsStopped ? "stopped" : error is not null ? "failing" : progress.Erasing > 0 ? "erasing"
                : progress.Waiting > 0 ? "copying" : "idle",
            progress.Segments, progress.Bytes, progress.Waiting, progress.Verified, error);
    }
}
