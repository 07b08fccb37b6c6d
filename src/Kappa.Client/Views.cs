namespace Kappa.Client;

/// <summary>A topic.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Partitions">How many partitions it has.</param>
/// <param name="Complete">No more records are taken.</param>
/// <param name="Records">How many records it holds.</param>
/// <param name="EndOffsets">For every partition the offset of the next record.</param>
public sealed record TopicView(
    string Name, int Partitions, bool Complete, long Records, IReadOnlyList<long> EndOffsets);

/// <summary>Asks for a topic.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Partitions">1 to 1 024; default 1.</param>
public sealed record CreateTopicRequest(string Name, int Partitions = 1);

/// <summary>Where a request's records are. They are durable.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Records">How many records the request appended.</param>
/// <param name="Repeated">The request had been taken before: nothing was added.</param>
/// <param name="Place">The place behind the last of them.</param>
/// <param name="Batches">Their offsets, per partition.</param>
/// <param name="BadLineCount">How many lines were refused.</param>
/// <param name="BadLines">The first of the refused lines.</param>
public sealed record AppendAnswer(
    string Topic, long Records, bool Repeated, string Place, IReadOnlyList<BatchView> Batches,
    long BadLineCount, IReadOnlyList<BadLine> BadLines);

/// <summary>Consecutive records of one partition.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="BaseOffset">The offset of the first.</param>
/// <param name="Records">How many.</param>
/// <param name="LogTime">Their log time, UTC.</param>
public sealed record BatchView(int Partition, long BaseOffset, int Records, DateTimeOffset LogTime);

/// <summary>A line that is no record.</summary>
/// <param name="Line">Its number, from 1.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record BadLine(long Line, string Reason);

/// <summary>A stored artifact.</summary>
/// <param name="Artifact">Its id: the SHA-256 of its sorted list of files.</param>
/// <param name="Files">How many files it has.</param>
/// <param name="Bytes">Their bytes.</param>
public sealed record ArtifactView(string Artifact, int Files, long Bytes);

/// <summary>Asks to deploy jobs of an artifact.</summary>
/// <param name="Artifact">The artifact's id.</param>
/// <param name="Jobs">Names of jobs; null: all in it.</param>
/// <param name="Plan">Only say what would happen.</param>
public sealed record DeployRequest(string Artifact, IReadOnlyList<string>? Jobs = null, bool Plan = false);

/// <summary>What a deploy did, or would do.</summary>
/// <param name="Planned">Nothing was done.</param>
/// <param name="Jobs">Each job.</param>
public sealed record DeployAnswer(bool Planned, IReadOnlyList<DeployedJob> Jobs);

/// <summary>What a deploy did with one job.</summary>
/// <param name="Job">The job.</param>
/// <param name="Version">The version it has now, as <c>job@number</c>.</param>
/// <param name="Outcome">"made", "unchanged", "switchable" or "resumed" (rule V1).</param>
/// <param name="Text">The outcome in a sentence, with what to do next.</param>
/// <param name="Changes">What changed against the live version.</param>
/// <param name="Tables">Its tables.</param>
/// <param name="Topics">The topics it reads.</param>
/// <param name="CreatedTopics">Topics made for it, with one partition each.</param>
/// <param name="Records">Records it reads from the start.</param>
public sealed record DeployedJob(
    string Job, string Version, string Outcome, string Text, IReadOnlyList<string> Changes,
    IReadOnlyList<string> Tables, IReadOnlyList<string> Topics, IReadOnlyList<string> CreatedTopics, long Records);

/// <summary>A job and its versions.</summary>
/// <param name="Job">Its name.</param>
/// <param name="Live">The live version, or null.</param>
/// <param name="Versions">Every version that was made, in order.</param>
public sealed record JobView(string Job, string? Live, IReadOnlyList<VersionView> Versions);

/// <summary>A version of a job.</summary>
/// <param name="Version">As <c>job@number</c>.</param>
/// <param name="State">Reprocessing, Ready, Live, Retired, Dropped or Failed (rule V5).</param>
/// <param name="Live">Do readers see it?</param>
/// <param name="Artifact">The artifact its code is in.</param>
/// <param name="Fingerprint">The fingerprint of its code.</param>
/// <param name="Tables">Its tables.</param>
/// <param name="Topics">The topics it reads.</param>
/// <param name="Error">What stopped it, or null.</param>
/// <param name="Progress">How far it is; null where it does not run.</param>
public sealed record VersionView(
    string Version, string State, bool Live, string Artifact, string Fingerprint, IReadOnlyList<string> Tables,
    IReadOnlyList<string> Topics, string? Error, ProgressView? Progress);

/// <summary>How far a running version is.</summary>
/// <param name="Place">The place up to which its tables are stored.</param>
/// <param name="Watermark">Its lowest watermark, or null.</param>
/// <param name="RecordsDone">Records behind it.</param>
/// <param name="RecordsTotal">Records in its topics now.</param>
/// <param name="RecordsPerSecond">Over the last seconds.</param>
/// <param name="EtaSeconds">Time to the end of the log at this rate; null where unknown.</param>
/// <param name="Late">Late records so far.</param>
/// <param name="Dead">Dead letters so far.</param>
/// <param name="Holding">What holds its watermark, or null.</param>
public sealed record ProgressView(
    string Place, DateTimeOffset? Watermark, long RecordsDone, long RecordsTotal, double RecordsPerSecond,
    double? EtaSeconds, long Late, long Dead, string? Holding);
