using System.Text.RegularExpressions;

namespace Kappa.Streams.Fingerprints;

/// <summary>A table in the description of a topology: "trips(device:Text|distance_km:Double) index(device)".</summary>
internal sealed record TopologyTable(string Name, string[] Key, string[] Values, string[] Indexes)
{
    public static TopologyTable Of(Match match) => new(
        match.Groups[1].Value,
        Parts(match.Groups[2].Value, ','),
        Parts(match.Groups[3].Value, ','),
        [.. match.Groups[4].Value.Split(" index", StringSplitOptions.RemoveEmptyEntries)]);

    /// <summary>What differs, column by column.</summary>
    public static IEnumerable<string> Changed(TopologyTable was, TopologyTable now)
    {
        var lines = Columns("key column", was.Key, now.Key)
            .Concat(Columns("column", was.Values, now.Values))
            .Concat(was.Indexes.Except(now.Indexes).Select(index => $"index {index} removed"))
            .Concat(now.Indexes.Except(was.Indexes).Select(index => $"index {index} added"))
            .Select(line => $"table {now.Name}: {line}");
        return lines;
    }

    private static IEnumerable<string> Columns(string what, string[] was, string[] now)
    {
        var (before, after) = (Typed(was), Typed(now));
        List<string> lines =
        [
            .. after.Where(column => !before.ContainsKey(column.Key))
                .Select(column => $"{what} {column.Key} ({column.Value}) added"),
            .. before.Where(column => !after.ContainsKey(column.Key))
                .Select(column => $"{what} {column.Key} ({column.Value}) removed"),
            .. after.Where(column => before.TryGetValue(column.Key, out var type) && type != column.Value)
                .Select(column => $"{what} {column.Key}: {before[column.Key]} -> {column.Value}"),
        ];
        return lines.Count == 0 && !was.SequenceEqual(now) ? [$"the {what}s have another order"] : lines;
    }

    private static Dictionary<string, string> Typed(string[] columns) => columns
        .Select(column => (Column: column, Colon: column.LastIndexOf(':')))
        .Where(column => column.Colon > 0)
        .DistinctBy(column => column.Column[..column.Colon])
        .ToDictionary(column => column.Column[..column.Colon], column => column.Column[(column.Colon + 1)..]);

    private static string[] Parts(string text, char separator) =>
        text.Split(separator, StringSplitOptions.RemoveEmptyEntries);
}
