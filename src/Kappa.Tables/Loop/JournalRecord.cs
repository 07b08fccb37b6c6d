using System.Text.Json.Serialization;
using Kappa.Log;

namespace Kappa.Tables.Loop;

/// <summary>
/// A record of the journal <c>_kappa.lifecycle</c> (rule V3): the audit trail and the only source of the catalog
/// (docs/formats/journal.md). Its value is JSON with the kind first; unknown kinds are refused, so that an older
/// program never acts on half of what a newer one decided.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(VersionMade), "made")]
[JsonDerivedType(typeof(VersionReady), "ready")]
[JsonDerivedType(typeof(VersionFailed), "failed")]
[JsonDerivedType(typeof(Marked), "mark")]
[JsonDerivedType(typeof(Switching), "switching")]
[JsonDerivedType(typeof(Switched), "switched")]
[JsonDerivedType(typeof(Abandoned), "abandoned")]
[JsonDerivedType(typeof(VersionRetired), "retired")]
[JsonDerivedType(typeof(VersionDropped), "dropped")]
[JsonDerivedType(typeof(LogRepaired), "repaired")]
public abstract record JournalRecord
{
    /// <summary>Who asked for it: the name of a key, or "kappa" for the platform itself.</summary>
    public string By { get; init; } = "kappa";

    /// <summary>The versions this record names: each ends a transaction exactly here (rule V4).</summary>
    [JsonIgnore]
    public abstract IReadOnlyList<JobVersion> Names { get; }
}

/// <summary>
/// A version has caught up: runs, is not live. The first version of a job goes live with this record (rule V5).
/// </summary>
/// <param name="Version">The version.</param>
/// <param name="Place">What it had committed.</param>
public sealed record VersionReady(JobVersion Version, Place Place) : JournalRecord
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<JobVersion> Names => [Version];
}

/// <summary>A version stopped by an error.</summary>
/// <param name="Version">The version.</param>
/// <param name="Place">What it had committed.</param>
/// <param name="Error">What stopped it, the first error first.</param>
public sealed record VersionFailed(JobVersion Version, Place Place, string Error) : JournalRecord
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<JobVersion> Names => [Version];
}

/// <summary>A place at which versions are compared (rule V4).</summary>
/// <param name="Id">Names the mark.</param>
/// <param name="Versions">The versions that meet here.</param>
/// <param name="Purpose">"diff", "digest" or "backup".</param>
public sealed record Marked(string Id, IReadOnlyList<JobVersion> Versions, string Purpose) : JournalRecord
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<JobVersion> Names => Versions;
}

/// <summary>A switch begins (rule V6): its place is M; the versions left hold there until it is decided.</summary>
/// <param name="Id">Names the switch.</param>
/// <param name="To">The versions readers shall see.</param>
/// <param name="From">The versions they replace.</param>
/// <param name="Deadline">When it is abandoned, UTC.</param>
/// <param name="Purpose">"switch" or "rollback".</param>
public sealed record Switching(
    string Id, IReadOnlyList<JobVersion> To, IReadOnlyList<JobVersion> From, DateTimeOffset Deadline, string Purpose)
        : JournalRecord
{
    /// <summary>
    /// Shall the world hear from the first record on the outputs that no version said to it before (rule E3)? Default
    /// false: from the mark on, but for versions that were made with it.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool PublishHistory { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<JobVersion> Names => [.. To, .. From];
}

/// <summary>A switch is decided: from here on readers see the new versions.</summary>
/// <param name="Id">The switch.</param>
/// <param name="At">H: the place up to which the old versions spoke.</param>
public sealed record Switched(string Id, Place At) : JournalRecord
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<JobVersion> Names => [];
}

/// <summary>A switch was given up; readers keep what they had.</summary>
/// <param name="Id">The switch.</param>
/// <param name="Reason">Why.</param>
public sealed record Abandoned(string Id, string Reason) : JournalRecord
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<JobVersion> Names => [];
}

/// <summary>A Ready version stops for good; its tables are kept until dropped.</summary>
/// <param name="Version">The version.</param>
/// <param name="Reason">"soak ended", "another version is ready" or "drop".</param>
public sealed record VersionRetired(JobVersion Version, string Reason) : JournalRecord
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<JobVersion> Names => [Version];
}

/// <summary>A version's tables and state are deleted.</summary>
/// <param name="Version">The version.</param>
public sealed record VersionDropped(JobVersion Version) : JournalRecord
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<JobVersion> Names => [Version];
}

/// <summary>
/// A repair of the log gave records up while no server ran (rule L7); written by the next one that opens the folder.
/// </summary>
/// <param name="Id">The repair's number in the folder <c>repaired</c>, where its account is.</param>
/// <param name="At">When, UTC.</param>
/// <param name="GivenUp">By <c>topic/partition</c> the offset from which on records were given up.</param>
public sealed record LogRepaired(string Id, DateTimeOffset At, IReadOnlyDictionary<string, long> GivenUp)
    : JournalRecord
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<JobVersion> Names => [];
}
