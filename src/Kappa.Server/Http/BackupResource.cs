using Kappa.Client;
using Kappa.Log;
using Kappa.Server.Backups;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Kappa.Server.Http;

/// <summary>
/// Backups, which the server writes to a disk of its own: only so can it say that they are durable. Whoever may ask for
/// one may write a new folder wherever the server may; that is the admin's right, who may run code there, too.
/// </summary>
internal static class BackupResource
{
    private const double WaitSecondsMax = 3_600;

    public static void Map(IEndpointRouteBuilder routes, Platform platform)
    {
        routes.MapPost("/v1/backup", Task<IResult> (HttpContext context) => BackUpAsync(platform, context));
        routes.MapGet("/v1/restored", () => Body.Answer(View(platform.RestoreCheck.From)));
    }

    private static async Task<IResult> BackUpAsync(Platform platform, HttpContext context)
    {
        var request = await Body.ReadAsync<BackupRequest>(context);
        if (request.WaitSeconds is not (>= 0 and <= WaitSecondsMax))
        {
            throw new KappaException(
                ErrorKind.Invalid, $"waitSeconds is {request.WaitSeconds}; allowed are 0 to {WaitSecondsMax}.",
                "Leave it out for 60.");
        }

        var taken = await platform.BackUpAsync(
            request.Folder, Caller.Name(context), TimeSpan.FromSeconds(request.WaitSeconds), context.RequestAborted);
        return Body.Answer(OfflineBackup.Answer(taken, request.Folder));
    }

    private static RestoredView View(RestoredFrom? from) => from is null
        ? throw new KappaException(
            ErrorKind.NotFound, "This data folder was not restored from a backup.",
            "See 'kappa jobs' for what runs on it.")
        : new RestoredView(
            from.Log, from.Place.ToString(), from.TakenAt, from.RestoredAt,
            [.. from.Versions.Select(version => new RestoredVersionView(
                version.Version, version.State, from.Verdicts.GetValueOrDefault(version.Version), version.Note))]);
}
