using System.Globalization;
using Kappa.Log;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Kappa.Server.Http;

/// <summary>Gives records of a topic as lines of JSON, in order of place (rule L4).</summary>
internal static class ReadResource
{
    private const int FlushBytes = 64 << 10;

    public static void Map(IEndpointRouteBuilder routes, Platform platform) =>
        routes.MapGet("/v1/topics/{topic}/records", (string topic, HttpContext context) =>
            ReadAsync(platform, TopicsResource.Find(platform, topic, platforms: true), context));

    private static async Task ReadAsync(Platform platform, Topic topic, HttpContext context)
    {
        var cancel = context.RequestAborted;
        var partition = (int?)Number(context, "partition", 0, topic.Partitions - 1);
        var limit = Number(context, "limit", 0, long.MaxValue) ?? long.MaxValue;
        var follow = context.Request.Query["follow"].ToString() is "true" or "1";
        var (after, offset) = await FromAsync(platform, topic, partition, context);

        await using var sequence = platform.Log.Read([topic.Name], after);
        var end = sequence.CompleteTo;
        context.Response.ContentType = "application/x-ndjson";
        using var lines = new RecordWriter(context.Response.BodyWriter);
        while (limit > 0 && !cancel.IsCancellationRequested)
        {
            if (!sequence.TryRead(out var batch))
            {
                await context.Response.BodyWriter.FlushAsync(cancel);
                if (!follow)
                {
                    break;
                }

                await sequence.WaitAsync(cancel);
                continue;
            }

            if (!follow && new Place(batch.LogTime, 0) > end)
            {
                break;
            }

            if (batch.Topic == topic.Name && (partition ?? batch.Partition) == batch.Partition)
            {
                limit = Write(lines, batch, after, offset, limit);
            }

            if (context.Response.BodyWriter.UnflushedBytes > FlushBytes)
            {
                await context.Response.BodyWriter.FlushAsync(cancel);
            }
        }

        await context.Response.BodyWriter.FlushAsync(cancel);
    }

    private static long Write(RecordWriter lines, RecordBatch batch, Place after, long offset, long limit)
    {
        foreach (var record in batch)
        {
            if (limit > 0 && record.Place > after && record.Offset >= offset)
            {
                lines.Write(batch.Partition, record);
                limit--;
            }
        }

        return limit;
    }

    private static async ValueTask<(Place After, long Offset)> FromAsync(
        Platform platform, Topic topic, int? partition, HttpContext context)
    {
        var from = context.Request.Query["from"].ToString();
        switch (from)
        {
            case "" or "start":
                return (Place.Start, 0);
            case "end":
                await using (var sequence = platform.Log.Read([topic.Name], Place.Start))
                {
                    return (sequence.CompleteTo, 0);
                }
        }

        if (long.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
        {
            var one = partition ?? (topic.Partitions == 1 ? 0 : throw new KappaException(
                ErrorKind.Invalid, $"An offset alone names no record: topic '{topic.Name}' has {topic.Partitions} partitions.",
                "Give 'partition' too, or begin from a time or a place."));
            var place = await platform.Log.FindAsync(topic.Name, one, offset, context.RequestAborted);
            return (Before(place), offset);
        }

        return Place.TryParse(from, out var at)
            ? (Before(at), 0)
            : throw new KappaException(
                ErrorKind.Invalid, $"'{from}' is neither an offset nor a time nor a place.",
                "Write an offset as 42, a time as 2026-11-23T04:05:06Z, a place as it stands in the answer; or start, end.");
    }

    private static Place Before(Place place) =>
        place.Index is 0 or int.MaxValue ? place : place with { Index = place.Index - 1 };

    private static long? Number(HttpContext context, string name, long lowest, long highest)
    {
        var text = context.Request.Query[name].ToString();
        if (text.Length == 0)
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= lowest && number <= highest
            ? number
            : throw new KappaException(
                ErrorKind.Invalid, $"{name} is '{text}'; allowed are {lowest} to {highest}.", $"Correct {name}, or leave it out.");
    }
}
