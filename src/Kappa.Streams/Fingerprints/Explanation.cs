namespace Kappa.Streams.Fingerprints;

/// <summary>What differs between two fingerprints, in words.</summary>
internal static class Explanation
{
    public static IReadOnlyList<string> Of(Fingerprint old, Fingerprint now)
    {
        if (old.Equals(now))
        {
            return [];
        }

        var before = old.Members.ToDictionary(member => (member.Kind, member.Name));
        var after = now.Members.ToDictionary(member => (member.Kind, member.Name));
        var gone = old.Members.Where(member => !after.ContainsKey((member.Kind, member.Name))).ToList();
        var fresh = now.Members.Where(member => !before.ContainsKey((member.Kind, member.Name))).ToList();
        DropRenamed(gone, fresh);
        List<string> lines =
        [
            .. now.Members
                .Where(member => before.TryGetValue((member.Kind, member.Name), out var was) && was.Hash != member.Hash)
                .SelectMany(member => Changed(before[(member.Kind, member.Name)], member)),
            .. fresh.Select(member => $"{Title(member)} is new{Suffix(member)}"),
            .. gone.Select(member => $"{Title(member)} is no longer reached{Suffix(member)}"),
        ];
        return lines.Count > 0 ? lines : ["the order in which members are used changed"];
    }

    // Same content under another name: a rename, which changes nothing.
    private static void DropRenamed(List<FingerprintMember> gone, List<FingerprintMember> fresh)
    {
        foreach (var member in fresh.ToList())
        {
            var twin = gone.Find(other => other.Kind == member.Kind && other.Hash == member.Hash);
            if (twin is not null)
            {
                gone.Remove(twin);
                fresh.Remove(member);
            }
        }
    }

    private static IEnumerable<string> Changed(FingerprintMember was, FingerprintMember now)
    {
        if (now.Kind == FingerprintMemberKind.Topology)
        {
            var before = was.Text.Split('\n');
            var after = now.Text.Split('\n');
            var lines = before.Except(after).Select(line => $"topology, no longer: {line}")
                .Concat(after.Except(before).Select(line => $"topology, now: {line}")).ToList();
            return lines.Count > 0 ? lines : ["topology: the order of its nodes changed"];
        }

        return now.Text != was.Text
            ? [$"{Title(now)}: {was.Text} -> {now.Text}"]
            : [$"{Title(now)} changed"];
    }

    private static string Title(FingerprintMember member) => member.Kind switch
    {
        FingerprintMemberKind.Semantics or FingerprintMemberKind.Topology or FingerprintMemberKind.Value => member.Name,
        _ => $"{member.Kind.ToString().ToLowerInvariant()} {member.Name}",
    };

    private static string Suffix(FingerprintMember member) => member.Text.Length > 0 ? $": {member.Text}" : "";
}
