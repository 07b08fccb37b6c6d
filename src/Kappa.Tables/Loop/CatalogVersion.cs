using Kappa.Log;

namespace Kappa.Tables.Loop;

/// <summary>Where a version is in its life (rule V5).</summary>
public enum VersionState
{
    /// <summary>Reads the log from its start into tables nobody sees yet.</summary>
    Reprocessing,

    /// <summary>Runs, caught up, not live.</summary>
    Ready,

    /// <summary>Readers see its tables.</summary>
    Live,

    /// <summary>Stopped; its tables are kept until dropped.</summary>
    Retired,

    /// <summary>Its tables are gone.</summary>
    Dropped,

    /// <summary>Stopped by an error; its tables are kept until dropped.</summary>
    Failed,
}

/// <summary>What the catalog knows of a version.</summary>
/// <param name="Made">The record that made it.</param>
/// <param name="MadeAt">Its place.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="Since">The place of the record that brought it there.</param>
/// <param name="Error">What stopped it, or null.</param>
public sealed record CatalogVersion(VersionMade Made, Place MadeAt, VersionState State, Place Since, string? Error)
{
    /// <summary>The version.</summary>
    public JobVersion Version => Made.Version;

    /// <summary>What it had committed when it failed; null where it did not fail.</summary>
    public Place? StoppedAt { get; init; }

    /// <summary>Shall it run?</summary>
    public bool Runs => State is VersionState.Reprocessing or VersionState.Ready or VersionState.Live;
}
