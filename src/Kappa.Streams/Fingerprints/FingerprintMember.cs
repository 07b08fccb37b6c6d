using System.Text.Json.Serialization;

namespace Kappa.Streams.Fingerprints;

/// <summary>What kind of thing a fingerprint reached.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FingerprintMemberKind>))]
public enum FingerprintMemberKind
{
    /// <summary>Kappa's semantics number.</summary>
    Semantics,

    /// <summary>The description of the job's nodes and settings.</summary>
    Topology,

    /// <summary>A method, lambda, local function, iterator or accessor.</summary>
    Method,

    /// <summary>The shape of a type: fields, attributes, enum values.</summary>
    Type,

    /// <summary>A captured variable.</summary>
    Captured,

    /// <summary>The value of a static readonly field.</summary>
    Static,

    /// <summary>A seed or another value the topology holds.</summary>
    Value,

    /// <summary>A resource embedded in a reached assembly.</summary>
    Resource,
}

/// <summary>One thing a fingerprint reached.</summary>
/// <param name="Kind">What kind of thing it is.</param>
/// <param name="Name">Its readable name, different from that of every other member of the same kind.</param>
/// <param name="Hash">SHA-256 of its own text, in hex: what it refers to counts by name, not by content.</param>
/// <param name="Text">The topology in full, a value in short; empty for code.</param>
/// <param name="Node">The number of the first node that holds this lambda; null for what no node holds.</param>
public sealed record FingerprintMember(
    FingerprintMemberKind Kind, string Name, string Hash, string Text, int? Node = null);
