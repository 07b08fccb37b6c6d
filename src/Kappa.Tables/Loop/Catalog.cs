using System.Collections.Immutable;
using Kappa.Log;

namespace Kappa.Tables.Loop;

/// <summary>
/// The fold of the journal (rule V3): which versions there are, what state each is in, which one readers see.
/// Immutable: a request that takes one catalog sees one state of everything (rule V7).
/// <see cref="Apply(JournalRecord, Place)"/> refuses a record that is not legal after the ones before.
/// </summary>
public sealed partial record Catalog
{
    private static readonly ImmutableSortedDictionary<JobVersion, CatalogVersion> NoVersions =
        ImmutableSortedDictionary.Create<JobVersion, CatalogVersion>(Comparer<JobVersion>.Create(Compare));

    private Catalog()
    {
    }

    /// <summary>Before the first record.</summary>
    public static Catalog Empty { get; } = new();

    /// <summary>The place of the last record.</summary>
    public Place Place { get; private init; }

    /// <summary>Every version ever made, in order of job and number.</summary>
    public IEnumerable<CatalogVersion> Versions => ByVersion.Values;

    /// <summary>The names of all jobs, in ordinal order.</summary>
    public IEnumerable<string> Jobs => ByVersion.Keys.Select(v => v.Job).Distinct();

    /// <summary>The switch that has begun and is not decided, or null. There is at most one at a time.</summary>
    public PendingSwitch? PendingSwitch { get; private init; }

    /// <summary>
    /// The repairs of the log that the journal knows of (rule L7). Of a restored folder numbers begin again.
    /// </summary>
    public ImmutableHashSet<(string Id, DateTimeOffset At)> Repairs { get; private init; } = [];

    private ImmutableSortedDictionary<JobVersion, CatalogVersion> ByVersion { get; init; } = NoVersions;

    private ImmutableSortedDictionary<string, ImmutableList<Ownership>> OwnersByJob { get; init; } =
        ImmutableSortedDictionary.Create<string, ImmutableList<Ownership>>(StringComparer.Ordinal);

    /// <summary>A version, or null where it was never made.</summary>
    public CatalogVersion? Find(JobVersion version) => ByVersion.GetValueOrDefault(version);

    /// <summary>
    /// The version whose tables readers of a job see, or null. It may have failed: readers keep what it stored.
    /// </summary>
    public CatalogVersion? Live(string job) => Owners(job) is [.., var last] ? ByVersion[last.Version] : null;

    /// <summary>The versions readers see, one per job that has one.</summary>
    public IReadOnlyList<JobVersion> AllLive => [.. OwnersByJob.Values.Select(owners => owners[^1].Version)];

    /// <summary>The version of a job that runs beside the live one and has caught up, or null.</summary>
    public CatalogVersion? Ready(string job) =>
        Versions.FirstOrDefault(v => v.Version.Job == job && v.State == VersionState.Ready);

    /// <summary>
    /// The version that was live before the live one, whatever became of it: where a rollback would go; or null.
    /// </summary>
    public CatalogVersion? PreviousLive(string job) => Owners(job) is [.., var before, _] ? ByVersion[before.Version]
        : null;

    /// <summary>Who spoke for a job's tables and outputs, and from where to where (rule E3), oldest first.</summary>
    public IReadOnlyList<Ownership> Owners(string job) => OwnersByJob.GetValueOrDefault(job) ?? [];

    /// <summary>The number the next version of a job gets: one more than the highest ever used (rule V1).</summary>
    public int NextNumber(string job) =>
        Versions.Where(v => v.Version.Job == job).Select(v => v.Version.Number).DefaultIfEmpty(0).Max() + 1;

    /// <summary>
    /// The job whose output a topic is, or null. A topic stays its job's when every version of it was dropped: it holds
    /// what was said to the world.
    /// </summary>
    public string? OutputOwner(string topic) =>
        Versions.FirstOrDefault(v => v.Made.Outputs.Any(output => output.Topic == topic))?.Version.Job;

    /// <summary>A running version that reads what another says (rule E2), or null.</summary>
    public JobVersion? ReaderOf(JobVersion upstream) =>
        Versions.FirstOrDefault(v => v.Runs && v.Made.Upstreams.Values.Contains(upstream))?.Version;

    /// <summary>
    /// A table as readers see it: the one of this name in the live version of the job that owns it; or null.
    /// </summary>
    public CatalogTable? FindTable(string name)
    {
        foreach (var job in OwnersByJob.Keys)
        {
            var live = Live(job)!;
            if (live.Made.Tables.FirstOrDefault(t => t.Name == name) is { } table)
            {
                return new CatalogTable(table, live);
            }
        }

        return null;
    }

    /// <summary>
    /// Finds what a reader names: <c>trips</c> (the live one) or <c>trips@2</c> (of this version, if not dropped).
    /// </summary>
    /// <exception cref="KappaException">There is no such table; the message says what there is.</exception>
    public CatalogTable Resolve(string text)
    {
        var at = text.LastIndexOf('@');
        if (at < 0)
        {
            return FindTable(text) ?? throw NoTable(text);
        }

        var (name, number) = (text[..at], JobVersion.Parse(text).Number);
        foreach (var version in Versions.Where(v => v.Version.Number == number && v.State != VersionState.Dropped))
        {
            if (version.Made.Tables.FirstOrDefault(t => t.Name == name) is { } table)
            {
                return new CatalogTable(table, version);
            }
        }

        throw NoTable(text);
    }

    /// <summary>Finds the version an operator names, by its job or by one of its tables: <c>trips@2</c>.</summary>
    /// <exception cref="KappaException">There is no such version.</exception>
    public CatalogVersion ResolveVersion(string text) => Find(JobVersion.Parse(text)) ?? Resolve(text).Version;

    private KappaException NoTable(string text)
    {
        var known = Versions.Where(v => v.State != VersionState.Dropped)
            .SelectMany(v =>
                v.Made.Tables.Select(t => t.Name + "@" + v.Version.ToString()[(v.Version.Job.Length + 1)..])).ToList();
        return new KappaException(
            ErrorKind.NotFound, $"There is no table '{text}' to read.",
            known.Count == 0 ? "Deploy a job that writes it."
                : $"There are: {string.Join(", ", known)}. Without '@' only live ones count.");
    }

    private static int Compare(JobVersion left, JobVersion right)
    {
        var byJob = string.CompareOrdinal(left.Job, right.Job);
        return byJob != 0 ? byJob : left.Number.CompareTo(right.Number);
    }
}

/// <summary>A table of a version.</summary>
/// <param name="Table">Its schema.</param>
/// <param name="Version">The version it belongs to.</param>
public sealed record CatalogTable(TableSchema Table, CatalogVersion Version);

/// <summary>A stretch of the sequence in which a version spoke for its job (rule E3).</summary>
/// <param name="Version">The version.</param>
/// <param name="After">It speaks for what lies behind this place.</param>
/// <param name="UpTo">The last place it spoke for (H of rule V6); null while it is live.</param>
public sealed record Ownership(JobVersion Version, Place After, Place? UpTo)
{
    /// <summary>
    /// The outputs of which it says what lies before <see cref="After"/> as well: their whole history.
    /// </summary>
    public IReadOnlyList<string> History { get; init; } = [];
}

/// <summary>A switch that is not decided yet (rule V6).</summary>
/// <param name="Record">The record that began it.</param>
/// <param name="Mark">M, its place: the old versions hold there, the new ones must reach it.</param>
public sealed record PendingSwitch(Switching Record, Place Mark)
{
    /// <summary>Is this version on either side of it?</summary>
    public bool Names(JobVersion version) => Record.Names.Contains(version);
}
