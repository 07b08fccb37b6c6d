using System.Text.Json;
using Kappa.Log;

namespace Kappa.Server.Subscriptions;

/// <summary>
/// How far a subscription is: everything up to a place is delivered or given up, and beyond it some records of other
/// keys. Kept in a file that is replaced as a whole: a position is overwritten at each step, so a topic of positions
/// would grow for ever, and one that is lost costs repeated deliveries and nothing else.
/// </summary>
/// <param name="After">Everything up to here is settled.</param>
/// <param name="Done">Places beyond it that are settled.</param>
/// <param name="Trying">Places that failed, and since when.</param>
internal sealed record PushPosition(
    Place After, IReadOnlyCollection<Place> Done, IReadOnlyDictionary<Place, DateTimeOffset> Trying)
{
    private const int Format = 1;

    public static PushPosition At(Place after) => new(after, [], new Dictionary<Place, DateTimeOffset>());

    public byte[] ToBytes(LogId log) => JsonSerializer.SerializeToUtf8Bytes(new Written(
        Format, log.ToString(), After.ToString(), [.. Done.Order().Select(place => place.ToString())],
        Trying.OrderBy(one => one.Key).ToDictionary(one => one.Key.ToString(), one => one.Value)),
        JsonSerializerOptions.Web);

    /// <summary>Reads a position; a position in another log is refused (rule L9).</summary>
    public static PushPosition Parse(byte[] bytes, LogId log, string path)
    {
        try
        {
            var written = JsonSerializer.Deserialize<Written>(bytes, JsonSerializerOptions.Web)
                ?? throw new JsonException("It is null.");
            if (written.Format != Format || written.Log != log.ToString())
            {
                throw new JsonException($"It has format {written.Format} and belongs to log {written.Log}.");
            }

            return new PushPosition(
                Read(written.After), [.. written.Done.Select(Read)],
                written.Trying.ToDictionary(one => Read(one.Key), one => one.Value));
        }
        catch (JsonException broken)
        {
            throw new KappaException(
                ErrorKind.Corrupt, $"The position of a subscription, '{path}', cannot be used: {broken.Message}",
                "Delete the subscription and make it again, with 'from' where it shall begin.", broken);
        }
    }

    private static Place Read(string text) =>
        Place.TryParse(text, out var place) ? place : throw new JsonException($"'{text}' is no place.");

    private sealed record Written(
        int Format, string Log, string After, IReadOnlyList<string> Done,
        IReadOnlyDictionary<string, DateTimeOffset> Trying);
}
