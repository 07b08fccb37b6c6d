using System.Globalization;
using System.Text.RegularExpressions;

namespace Kappa.Streams.Fingerprints;

/// <summary>
/// A node's line in the description of a topology, taken apart: "4 Aggregate(3) table trips(…|…) [Trip]". A line of
/// another form is a line of text and nothing else.
/// </summary>
internal sealed partial class TopologyLine
{
    private const string Revision = "revision ";
    private static readonly string[] Durations = [
        "lateness", "ahead", "within", "tumbling", "grace", "quiet", "settle"];

    private TopologyLine(string text, string kind, string settings, string types)
    {
        Text = text;
        Kind = kind;
        Types = types;
        Tables = [.. Table().Matches(settings).Select(TopologyTable.Of)];
        Settings = Table().Replace(settings, "").Trim();
    }

    /// <summary>The line without node numbers, which shift when a node is inserted before.</summary>
    public string Text { get; }

    /// <summary>The operator's name; empty for a line that describes no node.</summary>
    public string Kind { get; }

    /// <summary>The node's number; −1 for a line that describes no node.</summary>
    public int Id { get; private init; } = -1;

    /// <summary>The number of the node it reads from; −1 for none.</summary>
    public int Input { get; private init; } = -1;

    /// <summary>The names of its types.</summary>
    public string Types { get; }

    /// <summary>Its settings without tables.</summary>
    public string Settings { get; }

    /// <summary>The tables it writes.</summary>
    public IReadOnlyList<TopologyTable> Tables { get; }

    public static TopologyLine Parse(string line)
    {
        var match = Node().Match(line);
        if (!match.Success)
        {
            return line.StartsWith(Revision, StringComparison.Ordinal)
                ? new TopologyLine(line, Revision.Trim(), line[Revision.Length..], "")
                : new TopologyLine(line, "", "", "");
        }

        var (kind, settings, types) = (match.Groups[2].Value, match.Groups[4].Value, match.Groups[5].Value);
        return new TopologyLine($"{kind} {settings} [{types}]", kind, settings, types)
        {
            Id = Number(match.Groups[1].Value),
            Input = Number(match.Groups[3].Value),
        };
    }

    /// <summary>What differs in the settings, such as "lateness 00:00:30 -> 00:01:00".</summary>
    public static IEnumerable<string> SettingsChanged(TopologyLine was, TopologyLine now)
    {
        var (before, after) = (Pairs(was.Settings), Pairs(now.Settings));
        if (before is null || after is null || !before.Keys.SequenceEqual(after.Keys))
        {
            return was.Settings == now.Settings ? [] : [$"{Shown(was.Settings)} -> {Shown(now.Settings)}"];
        }

        return before.Where(pair => after[pair.Key] != pair.Value)
            .Select(pair => $"{pair.Key} {Value(pair.Key, pair.Value)} -> {Value(pair.Key, after[pair.Key])}");
    }

    // Settings are names and values in turn; an operator may also describe itself in another way.
    private static Dictionary<string, string>? Pairs(string settings)
    {
        var words = settings.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var names = words.Where((_, index) => index % 2 == 0).ToList();
        return words.Length % 2 == 0 && names.Distinct().Count() == names.Count
            ? names.Select((name, index) => (name, words[(index * 2) + 1])).ToDictionary()
            : null;
    }

    private static string Value(string name, string value) =>
        Durations.Contains(name) && long.TryParse(value, CultureInfo.InvariantCulture, out var ticks)
            ? TimeSpan.FromTicks(ticks).ToString("c", CultureInfo.InvariantCulture)
            : value;

    private static string Shown(string settings) => settings.Length == 0 ? "nothing" : settings;

    private static int Number(string text) =>
        text.Length == 0 ? -1 : int.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(\d{1,9}) (\S+)\((\d{0,9})[\d,]*\) (.*) \[(.*)\]$", RegexOptions.CultureInvariant)]
    private static partial Regex Node();

    [GeneratedRegex(
        @"(?:table )?([^\s(|]+)\(([^|)]*)\|([^)]*)\)((?: index\([^)]*\))*)", RegexOptions.CultureInvariant)]
    private static partial Regex Table();
}
