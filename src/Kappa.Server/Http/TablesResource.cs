using System.Globalization;
using Kappa.Client;
using Kappa.Log;
using Kappa.Tables;
using Kappa.Tables.Loop;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Kappa.Server.Http;

/// <summary>Tables: listed, read by key and column, exported. Every answer names its version and place.</summary>
internal static class TablesResource
{
    /// <summary>Rows of an answer at most.</summary>
    public const int RowsMax = 100_000;

    private const int RowsDefault = 1_000;

    public static void Map(IEndpointRouteBuilder routes, Platform platform)
    {
        var reading = new Reading(platform);
        routes.MapGet("/v1/tables", () =>
        {
            var catalog = platform.Journal.Catalog;
            return Body.Answer(catalog.Versions
                .Where(version => version.State != VersionState.Dropped)
                .SelectMany(
                    version => version.Made.Tables.Select(table => View(catalog, new CatalogTable(table, version))))
                .OrderBy(table => table.Table, StringComparer.Ordinal).ThenBy(
                    table => table.Version, StringComparer.Ordinal));
        });
        routes.MapGet("/v1/tables/{table}", (string table) =>
        {
            var catalog = platform.Journal.Catalog;
            return Body.Answer(View(catalog, catalog.Resolve(Reading.Checked("table", table))));
        });
        routes.MapGet("/v1/tables/{table}/rows", async (string table, HttpContext context) =>
        {
            var (equal, limit) = Filter(context);
            Reading.Checked("table", table);
            var (result, version) = await reading.OfAsync(
                catalog => catalog.Resolve(table),
                async chosen => (await platform.Store.FilterAsync(
                    chosen.Version.Version, chosen.Table.Name, equal, limit, context.RequestAborted),
                        chosen.Version));
            await RowsWriter.WriteAsync(context, result, platform.StateOf(version, result.Place));
        });
        routes.MapGet("/v1/tables/{table}/export", (string table, HttpContext context) =>
            ExportAsync(platform, reading, Reading.Checked("table", table), context));
    }

    /// <summary>A limit of rows.</summary>
    /// <exception cref="KappaException">It is out of range.</exception>
    public static int Limit(long limit) => limit is >= 1 and <= RowsMax ? (int)limit : throw new KappaException(
        ErrorKind.Invalid, $"limit is {limit}; allowed are 1 to {RowsMax}.",
        "Leave it out for 1000; for all rows use the export.");

    private static async Task ExportAsync(Platform platform, Reading reading, string table, HttpContext context)
    {
        var cancel = context.RequestAborted;
        var (chosen, snapshot) = await reading.OfAsync(
            catalog => catalog.Resolve(table),
            async found => (found, await platform.Store.ReadAsync(found.Version.Version, cancel)));
        await using (snapshot)
        {
            // The checksum goes ahead in a header, because HTTP/1.1 clients rarely read trailers; the state stands
            // still.
            var checksum = await CanonicalExport.ChecksumAsync(snapshot, chosen.Table.Name, cancel);
            context.Response.ContentType = "application/x-ndjson";
            context.Response.Headers[Wire.VersionHeader] = snapshot.Version.ToString();
            context.Response.Headers[Wire.PlaceHeader] = snapshot.Place.ToString();
            context.Response.Headers[Wire.ChecksumHeader] = checksum;
            await CanonicalExport.WriteAsync(snapshot, chosen.Table.Name, context.Response.Body, cancel);
        }
    }

    private static (Dictionary<string, object?> Equal, int Limit) Filter(HttpContext context)
    {
        var equal = new Dictionary<string, object?>(StringComparer.Ordinal);
        var limit = RowsDefault;
        foreach (var (name, values) in context.Request.Query)
        {
            if (values.Count != 1)
            {
                throw new KappaException(
                    ErrorKind.Invalid, $"'{name}' stands {values.Count} times in the address.",
                    "Give each column once.");
            }

            if (name == "limit")
            {
                limit = Limit(long.TryParse(values[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                    ? number : 0);
            }
            else
            {
                equal[name] = values[0];
            }
        }

        return (equal, limit);
    }

    private static TableView View(Catalog catalog, CatalogTable found) => new(
        found.Table.Name, found.Version.Version.Job, found.Version.Version.ToString(), found.Version.State.ToString(),
        catalog.Live(found.Version.Version.Job)?.Version == found.Version.Version, found.Table.Description,
        [.. found.Table.Columns.Select((column, i) => new ColumnView(
            column.Name, CanonicalRow.NameOf(column.Type), i < found.Table.Key.Count))]);
}
