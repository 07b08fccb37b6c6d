using System.Globalization;
using System.Text.RegularExpressions;

namespace Kappa.Nexmark.Tests;

/// <summary>
/// The events and the expected rows of RisingWave's end-to-end tests (github.com/risingwavelabs/risingwave, e2e_test,
/// Apache-2.0), which are not part of the repository: a folder stream-nexmark-risingwave with insert_*.slt.part and
/// expected/. It is looked for in the folder named by KAPPA_RECORDINGS, else in shared/data beside the repository.
/// </summary>
internal static partial class Peer
{
    public static string? Folder { get; } = Find();

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

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("KAPPA_RECORDINGS") is { Length: > 0 } named)
        {
            return Existing(named);
        }

        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Kappa.slnx")))
            {
                return at.Parent is { } beside ? Existing(Path.Combine(beside.FullName, "shared", "data")) : null;
            }
        }

        return null;
    }

    private static string? Existing(string recordings)
    {
        var folder = Path.Combine(recordings, "stream-nexmark-risingwave");
        return Directory.Exists(folder) ? folder : null;
    }

    // A quoted text, in which a quote is written twice, or a number.
    [GeneratedRegex("'((?:[^']|'')*)'|-?[0-9]+")]
    private static partial Regex Value();
}
