using System.Globalization;
using System.Text.RegularExpressions;
using ConnectedCar.Tests;

namespace Kappa.Nexmark.Tests;

/// <summary>
/// The events and the expected rows of RisingWave's end-to-end tests (github.com/risingwavelabs/risingwave, e2e_test,
/// Apache-2.0), which are not part of the repository (<see cref="Recordings"/>): a folder with insert_*.slt.part and
/// expected/.
/// </summary>
internal static partial class Peer
{
    public static string? Folder { get; } = Recordings.Find("stream-nexmark-risingwave");

    public static IReadOnlyList<object> Events() =>
    [
        .. Rows("person").Select(row => (object)new Person(
            Whole(row[0]), row[1], row[2], row[3], row[4], row[5], Time(row[6]), row[7])),
        .. Rows("auction").Select(row => (object)new Auction(
            Whole(row[0]), row[1], row[2], Whole(row[3]), Whole(row[4]), Time(row[5]), Time(row[6]), Whole(row[7]),
            Whole(row[8]), row[9])),
        .. Rows("bid").Select(row => (object)new Bid(
            Whole(row[0]), Whole(row[1]), Whole(row[2]), row[3], row[4], Time(row[5]), row[6])),
    ];

    /// <summary>The rows a query must give, as the file has them.</summary>
    public static IReadOnlyList<string> Expected(string query) =>
    [
        .. File.ReadAllLines(Path.Combine(Folder!, "expected", query + ".slt.part"))
            .SkipWhile(line => line != "----").Skip(1).Where(line => line.Trim().Length > 0),
    ];

    private static IEnumerable<string[]> Rows(string table) =>
        File.ReadAllLines(Path.Combine(Folder!, $"insert_{table}.slt.part"))
            .SkipWhile(line => !line.StartsWith(") VALUES", StringComparison.Ordinal)).Skip(1)
            .Where(line => line.StartsWith('('))
            .Select(line => Value().Matches(line)
                .Select(match => match.Groups[1].Success
                    ? match.Groups[1].Value.Replace("''", "'", StringComparison.Ordinal)
                    : match.Value)
                .ToArray());

    private static long Whole(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static DateTimeOffset Time(string text) =>
        DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    // A quoted text, in which a quote is written twice, or a number.
    [GeneratedRegex("'((?:[^']|'')*)'|-?[0-9]+")]
    private static partial Regex Value();
}
