namespace Kappa.Streams.Fingerprints;

/// <summary>What differs between two fingerprints, in words: the topology first, then code and values.</summary>
internal sealed class Explanation
{
    private static readonly FingerprintMemberKind[] Order =
    [
        FingerprintMemberKind.Semantics, FingerprintMemberKind.Topology, FingerprintMemberKind.Captured,
        FingerprintMemberKind.Static, FingerprintMemberKind.Value, FingerprintMemberKind.Method,
        FingerprintMemberKind.Type, FingerprintMemberKind.Resource,
    ];

    private readonly List<(FingerprintMember Was, FingerprintMember Now)> _changed = [];
    private readonly List<FingerprintMember> _gone;
    private readonly List<FingerprintMember> _fresh;
    private readonly TopologyComparison? _topology;

    private Explanation(Fingerprint old, Fingerprint now)
    {
        _gone = [.. old.Members];
        _fresh = [.. now.Members];
        _topology = Compare(old, now);
        PairLambdas();
        PairByName();
        DropRenamed();
    }

    public static IReadOnlyList<string> Of(Fingerprint old, Fingerprint now)
    {
        if (old.Equals(now))
        {
            return [];
        }

        var lines = new Explanation(old, now).Lines();
        return lines.Count > 0 ? lines : ["the order in which members are used changed"];
    }

    private List<string> Lines()
    {
        // What a node holds that was put in or taken out is told with the node.
        var oldOf = _topology?.OldOf ?? new Dictionary<int, int>();
        var fresh = _fresh.Where(member => member.Node is not { } node || oldOf.ContainsKey(node))
            .Select(member => (member, Line: "is new"));
        var gone = _gone.Where(member => member.Node is not { } node || oldOf.Values.Contains(node))
            .Select(member => (member, Line: "is no longer reached"));
        return
        [
            .. _changed.OrderBy(pair => Array.IndexOf(Order, pair.Now.Kind)).ThenBy(pair => pair.Now.Node is null)
                .SelectMany(pair => Changed(pair.Was, pair.Now)),
            .. fresh.Concat(gone).Select(one => $"{Title(one.member)} {one.Line}{Suffix(one.member)}"),
        ];
    }

    private static TopologyComparison? Compare(Fingerprint old, Fingerprint now)
    {
        var was = old.Members.FirstOrDefault(member => member.Kind == FingerprintMemberKind.Topology);
        var after = now.Members.FirstOrDefault(member => member.Kind == FingerprintMemberKind.Topology);
        return was is null || after is null
            ? null
            : new TopologyComparison(
                was.Text, after.Text, (left, right) => Lambdas(old, left).SequenceEqual(Lambdas(now, right)));
    }

    private static IEnumerable<string> Lambdas(Fingerprint of, int node) =>
        of.Members.Where(member => member.Node == node).Select(member => member.Hash);

    /// <summary>The lambdas of nodes that are the same one, in their order.</summary>
    private void PairLambdas()
    {
        foreach (var (node, old) in _topology?.OldOf ?? new Dictionary<int, int>())
        {
            var held = _gone.Where(member => member.Node == old).ToList();
            foreach (var (was, now) in held.Zip(_fresh.Where(member => member.Node == node).ToList()))
            {
                Pair(was, now);
            }
        }
    }

    /// <summary>
    /// Members of one name: those with the same content first, the others in their order. The number behind a name
    /// only counts what was reached before, so another one in front shifts it.
    /// </summary>
    private void PairByName()
    {
        var groups = _fresh.GroupBy(NameOf).Select(group => (group.Key, Fresh: group.ToList())).ToList();
        foreach (var (name, fresh) in groups)
        {
            var gone = _gone.Where(member => NameOf(member) == name).ToList();
            foreach (var member in fresh.ToList())
            {
                if (gone.Find(other => other.Hash == member.Hash) is { } same)
                {
                    Pair(same, member);
                    gone.Remove(same);
                    fresh.Remove(member);
                }
            }

            foreach (var (was, now) in gone.Zip(fresh))
            {
                Pair(was, now);
            }
        }
    }

    private static (FingerprintMemberKind Kind, string Name, bool IsHeld) NameOf(FingerprintMember member)
    {
        var name = member.Name;
        var open = name.LastIndexOf(" (", StringComparison.Ordinal);
        var isCounted = open > 0 && name[^1] == ')' && name[(open + 2)..^1].All(char.IsAsciiDigit);
        return (member.Kind, isCounted ? name[..open] : name, member.Node is not null);
    }

    private void Pair(FingerprintMember was, FingerprintMember now)
    {
        _gone.Remove(was);
        _fresh.Remove(now);
        if (was.Hash != now.Hash)
        {
            _changed.Add((was, now));
        }
    }

    // Same content under another name: a rename, which changes nothing.
    private void DropRenamed()
    {
        foreach (var member in _fresh.ToList())
        {
            if (_gone.Find(other => other.Kind == member.Kind && other.Hash == member.Hash) is { } twin)
            {
                _gone.Remove(twin);
                _fresh.Remove(member);
            }
        }
    }

    private IEnumerable<string> Changed(FingerprintMember was, FingerprintMember now)
    {
        if (now.Kind == FingerprintMemberKind.Topology)
        {
            var lines = _topology!.Lines();
            return lines.Count > 0 ? lines : ["topology: the order of its nodes changed"];
        }

        if (now is { Node: { } node } && IsLambda(now) && _topology is not null)
        {
            return [$"{_topology.NameOf(node)}: lambda changed"];
        }

        return now.Text != was.Text
            ? [$"{Title(now)}: {was.Text} -> {now.Text}"]
            : [$"{Title(now)} changed"];
    }

    private static bool IsLambda(FingerprintMember member) =>
        member.Name.StartsWith("lambda in ", StringComparison.Ordinal);

    private static string Title(FingerprintMember member) => member.Kind switch
    {
        FingerprintMemberKind.Semantics or FingerprintMemberKind.Topology or FingerprintMemberKind.Value => member.Name,
        _ => $"{member.Kind.ToString().ToLowerInvariant()} {member.Name}",
    };

    private static string Suffix(FingerprintMember member) => member.Text.Length > 0 ? $": {member.Text}" : "";
}
