using System.Text.Json;
using Kappa.Client;
using Kappa.Log;
using Kappa.Tables.Sqlite;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Kappa.Server.Http;

/// <summary>
/// Read-only SQL over the tables of one version. Values come as parameters; SQLite itself refuses all but reading.
/// </summary>
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
            var (result, version) = await reading.OfAsync(
                catalog => Reading.Choose(catalog, request.Sql, request.Job, request.Table),
                async chosen => (await platform.Store.QueryAsync(
                    chosen.Version, request.Sql, parameters, limit, TimeMax, context.RequestAborted), chosen));
            await RowsWriter.WriteAsync(
                context, WithoutRowKey(result, request.Sql), platform.StateOf(version, result.Place));
        });
    }

    // Every table ends with the bytes of its key, which "*" brings along and no reader wants; who does, names them.
    private static QueryResult WithoutRowKey(QueryResult result, string sql)
    {
        const string RowKey = "row_key";
        if (!result.Columns.Contains(RowKey) || sql.Contains(RowKey, StringComparison.OrdinalIgnoreCase))
        {
            return result;
        }

        var kept = Enumerable.Range(0, result.Columns.Count).Where(at => result.Columns[at] != RowKey).ToArray();
        return result with
        {
            Columns = [.. kept.Select(at => result.Columns[at])],
            Rows = [.. result.Rows.Select(row => Array.ConvertAll(kept, at => row[at]))],
        };
    }

    private static object? Value(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True => 1L,
        JsonValueKind.False => 0L,
        JsonValueKind.Number => value.TryGetInt64(out var whole) ? whole : value.GetDouble(),
        _ => throw new KappaException(
            ErrorKind.Invalid, $"The parameter '{name}' is neither text nor number nor true, false, null.",
            "Give one value."),
    };
}
