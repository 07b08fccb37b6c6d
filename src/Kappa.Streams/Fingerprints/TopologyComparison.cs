namespace Kappa.Streams.Fingerprints;

/// <summary>
/// Two topologies side by side: which node is which, found by a longest common subsequence of their lines, so that an
/// inserted node is one line of news and not a new number for everything behind it.
/// </summary>
internal sealed class TopologyComparison
{
    private readonly TopologyText _before;
    private readonly TopologyText _after;
    private readonly Dictionary<int, int> _matched = [];

    /// <param name="before">The old description.</param>
    /// <param name="after">The new description.</param>
    /// <param name="same">
    /// Do an old and a new node, by number, hold the same lambdas? Decides between equal lines.
    /// </param>
    public TopologyComparison(string before, string after, Func<int, int, bool> same)
    {
        _before = new TopologyText(before);
        _after = new TopologyText(after);
        Match(same);
    }

    /// <summary>The old node of each new one that has one, by number.</summary>
    public IReadOnlyDictionary<int, int> OldOf => _matched
        .Where(pair => _after.Lines[pair.Key].Id >= 0)
        .ToDictionary(pair => _after.Lines[pair.Key].Id, pair => _before.Lines[pair.Value].Id);

    /// <summary>What a new node is called.</summary>
    public string NameOf(int node) => _after.NameOf(node);

    /// <summary>What differs, a line each.</summary>
    public IReadOnlyList<string> Lines()
    {
        var kept = _matched.Values.ToHashSet();
        var changed = Enumerable.Range(0, _after.Lines.Count).Where(_matched.ContainsKey)
            .SelectMany(index => Changed(_before.Lines[_matched[index]], _after.Lines[index]));
        var removed = _before.Lines.Where((_, index) => !kept.Contains(index))
            .Select(line => line.Id < 0 ? $", no longer: {line.Text}" : $": {_before.PlaceOf(line, "removed")}");
        var added = _after.Lines.Where((_, index) => !_matched.ContainsKey(index))
            .Select(line => line.Id < 0 ? $", now: {line.Text}" : $": {_after.PlaceOf(line, "added")}");
        return
        [
            .. removed.Concat(added).Concat(changed.Concat(Rewired()).Select(line => $": {line}"))
                .Select(line => $"topology{line}"),
        ];
    }

    private IEnumerable<string> Changed(TopologyLine was, TopologyLine now)
    {
        if (was.Text == now.Text)
        {
            return [];
        }

        if (now.Id < 0)
        {
            return [$"{now.Kind} {was.Settings} -> {now.Settings}"];
        }

        var name = NameOf(now.Id);
        var (before, after) = (was.Tables.Select(table => table.Name), now.Tables.Select(table => table.Name));
        var lines = TopologyLine.SettingsChanged(was, now)
            .Concat(was.Types == now.Types ? [] : [$"[{was.Types}] -> [{now.Types}]"])
            .Concat(before.Except(after).Select(table => $"table {table} removed"))
            .Concat(after.Except(before).Select(table => $"table {table} added"))
            .Select(line => $"{name}: {line}")
            .Concat(now.Tables.SelectMany(table => was.Tables.Where(old => old.Name == table.Name)
                .SelectMany(old => TopologyTable.Changed(old, table))))
            .ToList();
        return lines.Count > 0 ? lines : [$"{name}: {was.Text} -> {now.Text}"];
    }

    /// <summary>Nodes that were there and now read from another one, apart from what was put in or taken out.</summary>
    private IEnumerable<string> Rewired()
    {
        var oldOf = OldOf;
        var newOf = oldOf.ToDictionary(pair => pair.Value, pair => pair.Key);
        foreach (var (node, old) in oldOf)
        {
            var now = _after.Above(node, oldOf.ContainsKey);
            var was = _before.Above(old, newOf.ContainsKey);
            var expected = was < 0 ? -1 : newOf[was];
            if (now != expected)
            {
                yield return now < 0 || expected < 0
                    ? $"{NameOf(node)} has another input"
                    : $"{NameOf(node)} follows {NameOf(now)}, no longer {NameOf(expected)}";
            }
        }
    }

    private void Match(Func<int, int, bool> same)
    {
        var (before, after) = (_before.Lines, _after.Lines);
        var best = new int[before.Count + 1, after.Count + 1];
        for (var i = before.Count - 1; i >= 0; i--)
        {
            for (var j = after.Count - 1; j >= 0; j--)
            {
                var likeness = Likeness(before[i], after[j], same);
                best[i, j] = Math.Max(
                    Math.Max(best[i + 1, j], best[i, j + 1]), likeness == 0 ? 0 : likeness + best[i + 1, j + 1]);
            }
        }

        for (int i = 0, j = 0; i < before.Count && j < after.Count;)
        {
            var likeness = Likeness(before[i], after[j], same);
            if (likeness > 0 && best[i, j] == likeness + best[i + 1, j + 1])
            {
                _matched.Add(j++, i++);
            }
            else if (best[i, j] == best[i + 1, j])
            {
                i++;
            }
            else
            {
                j++;
            }
        }
    }

    // Each step outweighs the one below it many times: no number of half-matches replaces a whole one.
    private static int Likeness(TopologyLine was, TopologyLine now, Func<int, int, bool> same)
    {
        if (was.Text == now.Text)
        {
            return was.Id < 0 || same(was.Id, now.Id) ? 101_000 : 100_000;
        }

        var isSameKind = was.Kind == now.Kind && was.Kind.Length > 0;
        var sharesTable = was.Tables.Any(old => now.Tables.Any(table => table.Name == old.Name));
        return !isSameKind ? 0 : sharesTable ? 10_000 : 1;
    }
}
