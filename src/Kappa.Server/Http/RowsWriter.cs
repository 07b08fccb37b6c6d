using System.Buffers;
using System.Text.Json;
using Kappa.Client;
using Kappa.Tables;
using Kappa.Tables.Loop;
using Kappa.Tables.Sqlite;
using Microsoft.AspNetCore.Http;

namespace Kappa.Server.Http;

/// <summary>Writes rows of one version at one place; values as in the canonical export.</summary>
internal static class RowsWriter
{
    public static async Task WriteAsync(HttpContext context, QueryResult result, VersionState state)
    {
        context.Response.Headers[Wire.VersionHeader] = result.Version.ToString();
        context.Response.Headers[Wire.PlaceHeader] = result.Place.ToString();
        context.Response.ContentType = "application/json";
        Write(context.Response.BodyWriter, result, state);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private static void Write(IBufferWriter<byte> into, QueryResult result, VersionState state)
    {
        using var json = new Utf8JsonWriter(into);
        var value = new ArrayBufferWriter<byte>();
        json.WriteStartObject();
        json.WriteString("version"u8, result.Version.ToString());
        json.WriteString("place"u8, result.Place.ToString());
        json.WriteString("state"u8, state.ToString());
        json.WriteStartArray("columns"u8);
        foreach (var column in result.Columns)
        {
            json.WriteStringValue(column);
        }

        json.WriteEndArray();
        json.WriteStartArray("rows"u8);
        foreach (var row in result.Rows)
        {
            json.WriteStartArray();
            foreach (var cell in row)
            {
                value.ResetWrittenCount();
                CanonicalRow.Value(cell, value);
                json.WriteRawValue(value.WrittenSpan, skipInputValidation: true);
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteBoolean("truncated"u8, result.Truncated);
        json.WriteEndObject();
    }
}
