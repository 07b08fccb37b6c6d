using Kappa.Log;
using Kappa.Streams;
using Kappa.Streams.Fingerprints;

namespace Kappa.Server.Programs;

/// <summary>
/// Takes fingerprints of jobs, and keeps what they reached, so that a plan can say what changed (rule V2).
/// </summary>
internal sealed class FingerprintStore(DataFolder folder)
{
    private readonly string _folder = Path.Combine(folder.Artifacts, "fingerprints");

    /// <summary>The fingerprint of a job built from an artifact.</summary>
    public static Fingerprint Of(Topology topology, JobContext context) => Fingerprint.Of(FingerprintInput.Of(
        topology, assembly => context.Assemblies.Contains(assembly), Topology.SemanticsNumber));

    /// <summary>Keeps a fingerprint under its hash.</summary>
    public void Keep(Fingerprint fingerprint)
    {
        folder.Files.CreateFolder(_folder);
        var path = PathOf(fingerprint.Hash);
        if (!folder.Files.Exists(path))
        {
            AtomicFile.Write(folder.Files, path, System.Text.Encoding.UTF8.GetBytes(fingerprint.ToJson()));
        }
    }

    /// <summary>What changed since a fingerprint taken before, in words.</summary>
    public IReadOnlyList<string> Explain(string oldHash, Fingerprint now)
    {
        if (oldHash == now.Hash)
        {
            return [];
        }

        var kept = AtomicFile.Read(folder.Files, PathOf(oldHash));
        return kept is null
            ? ["the code (what the old fingerprint reached was not kept)"]
            : Fingerprint.Explain(Fingerprint.FromJson(System.Text.Encoding.UTF8.GetString(kept)), now);
    }

    private string PathOf(string hash) => Path.Combine(_folder, hash + ".json");
}
