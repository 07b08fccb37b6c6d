using System.Text.Json.Serialization;
using Kappa.Log;

namespace Kappa.Tables.Loop;

/// <summary>A version was made and begins to reprocess.</summary>
/// <param name="Version">The new version.</param>
/// <param name="Artifact">The artifact its code is in.</param>
/// <param name="Fingerprint">The fingerprint of its code (rule V2).</param>
/// <param name="Tables">Its tables.</param>
/// <param name="Topics">The topics it reads.</param>
/// <param name="Settings">Resolved settings and the recorded environment: runtime, ICU, time zone data.</param>
/// <param name="Target">The place it must reach to be caught up, fixed at the request.</param>
public sealed record VersionMade(
    JobVersion Version, string Artifact, string Fingerprint, IReadOnlyList<TableSchema> Tables,
    IReadOnlyList<string> Topics, IReadOnlyDictionary<string, string> Settings, Place Target) : JournalRecord
{
    private const string Reads = "reads ";
    private const string PreloadsName = "preloads ";
    private const string Begins = "begins ";

    /// <summary>What it says to the world; none unless given.</summary>
    public IReadOnlyList<VersionOutput> Outputs { get; init; } = [];

    /// <summary>
    /// When it goes live: shall the world hear from the first record on the outputs that no version said to it before
    /// (rule E3)? Default false: from there on.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool PublishHistory { get; init; }

    /// <summary>
    /// The topics it reads that other jobs say, and the version of each it reads: settings resolved when it was made
    /// (rule E2), kept as <c>reads alerts</c> = <c>detect@1</c>.
    /// </summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, JobVersion> Upstreams =>
        Settings.Where(setting => setting.Key.StartsWith(Reads, StringComparison.Ordinal))
            .ToDictionary(setting => setting.Key[Reads.Length..], setting => JobVersion.Parse(setting.Value));

    /// <summary>The setting that says which version's topic is read.</summary>
    public static KeyValuePair<string, string> UpstreamSetting(string topic, JobVersion version)
    {
        ArgumentNullException.ThrowIfNull(version);
        return new(Reads + topic, version.ToString());
    }

    /// <summary>
    /// The topics it reads before everything else, and up to which place: settings resolved when it was deployed (rule
    /// O3), kept as <c>preloads devices</c> = <c>2026-11-23T04:05:06.1234567Z/end</c>.
    /// </summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, Place> Preloads => PlacesOf(PreloadsName);

    /// <summary>
    /// Where the topics began when it was made of which retention had removed something (rule L9), kept as
    /// <c>begins cars</c> = <c>2026-11-23T04:05:06.1234567Z/end</c>: its tables are those of the log from there on.
    /// </summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, Place> Beginnings => PlacesOf(Begins);

    /// <summary>The setting that says where a topic begins.</summary>
    public static KeyValuePair<string, string> BeginSetting(string topic, Place start) =>
        new(Begins + topic, start.ToString());

    /// <summary>The setting that says up to where a topic is read before everything else.</summary>
    public static KeyValuePair<string, string> PreloadSetting(string topic, Place upTo) =>
        new(PreloadsName + topic, upTo.ToString());

    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<JobVersion> Names => [Version];

    private Dictionary<string, Place> PlacesOf(string name) =>
        Settings.Where(setting => setting.Key.StartsWith(name, StringComparison.Ordinal))
            .ToDictionary(
                setting => setting.Key[name.Length..],
                setting => Place.TryParse(setting.Value, out var place)
                    ? place
                    : throw new KappaException(
                        ErrorKind.Corrupt, $"{Version} has the setting '{setting.Key}' = '{setting.Value}', no place.",
                        "Run 'kappa verify'."));
}
