using System.Text;
using System.Text.Json;

namespace Kappa.Server.Tests;

/// <summary>Reads what was said.</summary>
internal static class Outputs
{
    /// <summary>The records of a topic as "key value".</summary>
    public static async Task<List<string>> ReadAsync(RunningServer running, string topic) =>
        [.. (await RecordsAsync(running, topic)).Select(record =>
            $"{record.GetProperty("key").GetString()} {record.GetProperty("value").GetRawText()}")];

    /// <summary>The ids of the records of a topic.</summary>
    public static async Task<List<string>> IdsAsync(RunningServer running, string topic) =>
        [.. (await RecordsAsync(running, topic)).Select(record => record.GetProperty("headers").EnumerateArray()
            .Single(header => header.GetProperty("name").GetString() == "kappa-id").GetProperty("value").GetString()!)];

    public static async Task<List<JsonElement>> RecordsAsync(RunningServer running, string topic)
    {
        var records = new List<JsonElement>();
        await foreach (var line in running.Client.ReadAsync(topic))
        {
            using var document = JsonDocument.Parse(line);
            records.Add(document.RootElement.Clone());
        }

        return records;
    }

    public static Task UntilAsync(RunningServer running, string topic, params string[] lines) => Loops.UntilAsync(
        async () =>
            (await ReadAsync(running, topic)).SequenceEqual(lines), $"{topic} is not {string.Join(", ", lines)}");

    public static byte[] Line(string name, long amount) =>
        Encoding.UTF8.GetBytes($"{{\"Name\":\"{name}\",\"Amount\":{amount}}}\n");
}
