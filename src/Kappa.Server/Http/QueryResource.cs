using System.Text.Json;
using Kappa.Client;
using Kappa.Log;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Kappa.Server.Http;

/// <summary>Read-only SQL over the tables of one version. Values come as parameters; SQLite itself refuses all but reading.</summary>
internal static class QueryResource
{
    private static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(30);

    public static void Map(IEndpointRouteBuilder routes, Platform platform)
    {
        var reading = new Reading(platform);
        routes.MapPost("/v1/query", async (HttpContext context) =>
        {
            var request = await Body.ReadAsync<QueryRequest>(context);
            var limit = TablesResource.Limit(request.Limit);
            var parameters = (request.Parameters ?? new Dictionary<string, JsonElement>())
                .ToDictionary(one => one.Key, one => Value(one.Key, one.Value), StringComparer.Ordinal);
            var (result, state) = await reading.OfAsync(
                catalog => Reading.Choose(catalog, request.Sql, request.Job, request.Table),
                async chosen => (await platform.Store.QueryAsync(
                    chosen.Version, request.Sql, parameters, limit, TimeMax, context.RequestAborted), chosen.State));
            await RowsWriter.WriteAsync(context, result, state);
        });
    }

    private static object? Value(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True => 1L,
        JsonValueKind.False => 0L,
        JsonValueKind.Number => value.TryGetInt64(out var whole) ? whole : value.GetDouble(),
        _ => throw new KappaException(
            ErrorKind.Invalid, $"The parameter '{name}' is neither text nor number nor true, false, null.", "Give one value."),
    };
}
