using System.Text.Json;
using Kappa.Log;

namespace Kappa.Streams.Fingerprints;

/// <summary>
/// Tells whether two builds of a job compute the same: equal hashes mean the same code with the same captured values
/// (rule V2). Two fingerprints are equal if their hashes are.
/// </summary>
/// <param name="Hash">SHA-256 of the canonical text of everything reached, in hex.</param>
/// <param name="Members">What was reached, in order of first visit; kept so that a plan can say what changed.</param>
public sealed record Fingerprint(string Hash, IReadOnlyList<FingerprintMember> Members)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web);

    /// <summary>Takes the fingerprint of a built job.</summary>
    /// <exception cref="KappaException">The job reaches a value that cannot be fingerprinted, or mutable static state;
    /// the field is named.</exception>
    public static Fingerprint Of(FingerprintInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new Reach(input).Run();
    }

    /// <summary>Says in words what differs, a line each; no lines if the hashes are equal.</summary>
    public static IReadOnlyList<string> Explain(Fingerprint old, Fingerprint now)
    {
        ArgumentNullException.ThrowIfNull(old);
        ArgumentNullException.ThrowIfNull(now);
        return Explanation.Of(old, now);
    }

    /// <summary>The fingerprint as one line of JSON, to be stored beside the artifact.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Format);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="KappaException">The text is not a fingerprint.</exception>
    public static Fingerprint FromJson(string json)
    {
        try
        {
            var read = JsonSerializer.Deserialize<Fingerprint>(json, Format);
            if (read is { Hash: not null, Members: not null })
            {
                return read;
            }
        }
        catch (JsonException wrong)
        {
            throw NotOne(wrong);
        }

        throw NotOne(null);
    }

    /// <summary>Whether the other stands for the same code with the same captured values.</summary>
    public bool Equals(Fingerprint? other) => other is not null && other.Hash == Hash;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Hash);

    private static KappaException NotOne(Exception? inner) => new(
        ErrorKind.Corrupt,
        "The stored fingerprint of a job version is not the JSON of a fingerprint.",
        "Deploy the job again: the fingerprint is then taken anew from its artifact.",
        inner);
}
