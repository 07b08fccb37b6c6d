namespace Kappa.Streams.Fingerprints;

/// <summary>The description of a topology, line by line, with names for its nodes that hold no number.</summary>
internal sealed class TopologyText
{
    private readonly Dictionary<int, TopologyLine> _nodes;
    private readonly HashSet<string> _twice;

    public TopologyText(string text)
    {
        Lines = [.. text.Split('\n').Select(TopologyLine.Parse)];
        _nodes = Lines.Where(line => line.Id >= 0).DistinctBy(line => line.Id).ToDictionary(line => line.Id);
        _twice = _nodes.Values.GroupBy(Plain).Where(group => group.Count() > 1).Select(group => group.Key).ToHashSet();
    }

    public IReadOnlyList<TopologyLine> Lines { get; }

    /// <summary>"Aggregate → trips", "KeyBy TripId", "Where before KeyBy TripId".</summary>
    public string NameOf(int node)
    {
        if (!_nodes.TryGetValue(node, out var line))
        {
            return $"node {node}";
        }

        var plain = Plain(line);
        return _twice.Contains(plain) && Behind(line) is { } behind ? $"{plain} before {Plain(behind)}" : plain;
    }

    /// <summary>Where a node stands: "InOrder added before Aggregate → trips".</summary>
    public string PlaceOf(TopologyLine line, string verb)
    {
        var name = line.Tables.Count > 0 || line.Input < 0 ? Plain(line) : line.Kind;
        return Behind(line) is { } behind ? $"{name} {verb} before {Plain(behind)}"
            : _nodes.TryGetValue(line.Input, out var input) ? $"{name} {verb} after {Plain(input)}"
            : $"{name} {verb}";
    }

    /// <summary>The nearest node above one for which a condition holds; −1 for none.</summary>
    public int Above(int node, Func<int, bool> holds)
    {
        var above = _nodes[node].Input;
        while (above >= 0 && !holds(above))
        {
            // Inputs come before: the numbers fall, so this ends whatever the text says.
            var next = _nodes.TryGetValue(above, out var line) ? line.Input : -1;
            above = next < above ? next : -1;
        }

        return above;
    }

    private TopologyLine? Behind(TopologyLine line) =>
        _nodes.Values.Where(other => other.Input == line.Id).MinBy(other => other.Id);

    private static string Plain(TopologyLine line) =>
        line.Tables.Count > 0 ? $"{line.Kind} → {string.Join(", ", line.Tables.Select(table => table.Name))}"
        : line.Settings.StartsWith("topic ", StringComparison.Ordinal) ? $"{line.Kind} {line.Settings.Split(' ')[1]}"
        : line.Types.Length > 0 ? $"{line.Kind} {line.Types}"
        : line.Kind;
}
