namespace Kappa.Client;

/// <summary>What a deploy did, or would do.</summary>
/// <param name="Planned">Nothing was done.</param>
/// <param name="Jobs">Each job.</param>
public sealed record DeployAnswer(bool Planned, IReadOnlyList<DeployedJob> Jobs);

/// <summary>What a deploy did with one job.</summary>
/// <param name="Job">The job.</param>
/// <param name="Version">The version it has now, as <c>job@number</c>.</param>
/// <param name="Outcome">
/// "made", "unchanged", "switchable" or "resumed" (rule V1); "along": its code is not new, but what it reads (rule E2).
/// </param>
/// <param name="Text">The outcome in a sentence, with what to do next.</param>
/// <param name="Changes">What changed against the live version.</param>
/// <param name="Tables">Its tables.</param>
/// <param name="Topics">The topics it reads.</param>
/// <param name="CreatedTopics">Topics made for it, with one partition each.</param>
/// <param name="Records">Records it reads from the start.</param>
/// <param name="Outputs">The topics on which this version says its outputs, as <c>alerts@2</c>.</param>
/// <param name="Preloads">The topics it reads before everything else, and the place up to which (rule O3).</param>
/// <param name="Earliest">
/// The earliest place a replay can begin at, where retention has removed something (rule L9); null: with the first
/// record.
/// </param>
public sealed record DeployedJob(
    string Job, string Version, string Outcome, string Text, IReadOnlyList<string> Changes,
    IReadOnlyList<string> Tables, IReadOnlyList<string> Topics, IReadOnlyList<string> CreatedTopics, long Records,
    IReadOnlyList<string> Outputs, IReadOnlyDictionary<string, string> Preloads,
    string? Earliest = null)
{
    /// <summary>
    /// The outputs that the world hears from the first record on, once it is live or already (rule E3).
    /// </summary>
    public IReadOnlyList<string> History { get; init; } = [];
}

/// <summary>Asks to deploy jobs of an artifact.</summary>
/// <param name="Artifact">The artifact's id.</param>
/// <param name="Jobs">Names of jobs; null: all in it.</param>
/// <param name="Plan">Only say what would happen.</param>
/// <param name="PublishHistory">
/// When the versions made go live: let the world hear from the first record on the outputs that no version said to it
/// before (rule E3); default false: from there on.
/// </param>
public sealed record DeployRequest(
    string Artifact, IReadOnlyList<string>? Jobs = null, bool Plan = false, bool PublishHistory = false);

/// <summary>A stored artifact.</summary>
/// <param name="Artifact">Its id: the SHA-256 of its sorted list of files.</param>
/// <param name="Files">How many files it has.</param>
/// <param name="Bytes">Their bytes.</param>
public sealed record ArtifactView(string Artifact, int Files, long Bytes);
