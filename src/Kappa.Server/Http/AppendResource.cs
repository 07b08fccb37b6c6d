using System.Globalization;
using Kappa.Client;
using Kappa.Log;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Kappa.Server.Http;

/// <summary>
/// Takes records. An answer means that they are on disk; a repeated request key adds nothing (rule L8).
/// </summary>
internal static class AppendResource
{
    /// <summary>The largest body of records, in bytes.</summary>
    public const long BytesMax = 32 << 20;

    public static void Map(IEndpointRouteBuilder routes, Platform platform) =>
        routes.MapPost("/v1/topics/{topic}/records", (string topic, HttpContext context) =>
            AppendAsync(platform, topic, context));

    private static async Task<IResult> AppendAsync(Platform platform, string name, HttpContext context)
    {
        TopicsResource.RefuseOutput(platform, name);
        var topic = TopicsResource.Find(platform, name);
        Body.RequireType(context, "application/x-ndjson", "application/json");
        var skip = SkipsBadLines(context);
        var keyField = KeyField(context);
        var removes = Removes(context, keyField);
        var (producer, number) = RequestKey(context);
        var body = await Body.ReadBytesAsync(context, BytesMax);
        var lines = context.Request.ContentType!.StartsWith("application/json", StringComparison.OrdinalIgnoreCase)
            ? RecordLines.OfJson(body, keyField, removes)
            : RecordLines.OfLines(body, keyField, removes);
        Refuse(lines, skip);
        var appended = await platform.Log.AppendAsync(
            new AppendRequest(topic.Name, lines.Records, producer, number), context.RequestAborted);
        return Body.Answer(new AppendAnswer(
            topic.Name, lines.Records.Count, appended.Repeated, appended.Last.ToString(),
            [.. appended.Batches.Select(batch => new BatchView(
                batch.Partition, batch.BaseOffset, batch.Count, new DateTimeOffset(batch.LogTime, TimeSpan.Zero)))],
            lines.BadCount, lines.Bad));
    }

    private static void Refuse(RecordLines lines, bool skip)
    {
        if (lines.BadCount > 0 && (!skip || lines.Records.Count == 0))
        {
            var first = lines.Bad[0];
            throw new KappaException(
                ErrorKind.Invalid,
                $"Line {first.Line} is no record: {first.Reason}"
                + (lines.BadCount > 1
                    ? string.Create(CultureInfo.InvariantCulture, $" ({lines.BadCount} bad lines.)")
                    : "")
                + " Nothing was appended.",
                "Correct the line, or append the good lines alone with '?bad-lines=skip' ('kappa append --bad-lines "
                    + "skip').");
        }

        if (lines.Records.Count == 0)
        {
            throw new KappaException(
                ErrorKind.Invalid, "The body has no records.", "Send one JSON value per line, or a JSON array.");
        }
    }

    private static bool SkipsBadLines(HttpContext context) => context.Request.Query["bad-lines"].ToString() switch
    {
        "" or "refuse" => false,
        "skip" => true,
        var other => throw new KappaException(
            ErrorKind.Invalid, $"bad-lines is '{other}'; allowed are refuse and skip.",
            "Leave it out to refuse bad lines."),
    };

    private static bool Removes(HttpContext context, string? keyField) =>
        context.Request.Query["remove"].ToString() switch
        {
            "" or "false" => false,
            "true" when keyField is not null => true,
            "true" => throw new KappaException(
                ErrorKind.Invalid, "remove is true, but no key field says which keys are removed.",
                "Name it with 'key-field'."),
            var other => throw new KappaException(
                ErrorKind.Invalid, $"remove is '{other}'; allowed are true and false.",
                "Leave it out to append values."),
        };

    private static string? KeyField(HttpContext context)
    {
        var header = context.Request.Headers[Wire.KeyFieldHeader].ToString();
        var field = header.Length > 0 ? header : context.Request.Query["key-field"].ToString();
        return field.Length switch
        {
            0 => null,
            <= 200 => field,
            _ => throw new KappaException(
                ErrorKind.Invalid, "The key field is longer than 200 characters.", "Name a property of the records."),
        };
    }

    private static (string? Producer, long Number) RequestKey(HttpContext context)
    {
        var header = context.Request.Headers[Wire.RequestHeader];
        if (header.Count == 0)
        {
            return (null, 0);
        }

        var key = header.ToString();
        var colon = key.LastIndexOf(':');
        if (colon < 0)
        {
            return (Names.Check("request key", key), 0);
        }

        return long.TryParse(key.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (Names.Check("producer", key[..colon]), number)
            : throw new KappaException(
                ErrorKind.Invalid, $"'{key}' is no request key: behind the ':' stands a number of 0 and more.",
                "Write producer:number, for example 'car-17:42', or a key used once.");
    }
}
