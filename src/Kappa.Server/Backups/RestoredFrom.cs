using System.Text.Json;
using System.Text.Json.Serialization;
using Kappa.Log;
using Kappa.Tables;

namespace Kappa.Server.Backups;

/// <summary>
/// What a restored data folder knows of its origin, in <c>restored.json</c>: up to where its log is the old one, and
/// what the tables of the old server were there.
/// </summary>
/// <param name="Format">1.</param>
/// <param name="Log">The old log's id.</param>
/// <param name="Place">The old log up to here, and nothing behind.</param>
/// <param name="Mark">The mark there; null where no version ran.</param>
/// <param name="TakenAt">When the backup was taken.</param>
/// <param name="RestoredAt">When it was restored.</param>
/// <param name="Versions">The versions then.</param>
/// <param name="Verdicts">By version: "same", or what differs at the place; none for one not there yet.</param>
internal sealed record RestoredFrom(
    int Format, string Log, Place Place, string? Mark, DateTimeOffset TakenAt, DateTimeOffset RestoredAt,
    IReadOnlyList<BackupVersion> Versions, IReadOnlyDictionary<string, string> Verdicts)
{
    public const string FileName = "restored.json";
    public const string Same = "same";

    /// <summary>Where versions that do not run had stopped: their tables are gone, what they said is not.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<JobVersion, Place> StoppedAt => Versions
        .Where(version => version is { Place: not null, Checksums.Count: 0 })
        .ToDictionary(
            version => JobVersion.Parse(version.Version),
            version => version.Place!.Value < Place ? version.Place.Value : Place);

    /// <summary>What a data folder says; null where it was not restored.</summary>
    /// <exception cref="KappaException">The file cannot be read.</exception>
    public static RestoredFrom? Read(IFileSystem files, string root)
    {
        var path = Path.Combine(root, FileName);
        try
        {
            return AtomicFile.Read(files, path) is not { } bytes
                ? null
                : JsonSerializer.Deserialize<RestoredFrom>(bytes, BackupManifest.Json) is { Format: 1 } known
                    ? known
                    : throw new JsonException("It has another format.");
        }
        catch (JsonException broken)
        {
            throw new KappaException(
                ErrorKind.Corrupt, $"'{path}' cannot be read: {broken.Message}",
                "Delete it: the server runs without it, and compares nothing with the old one.", broken);
        }
    }

    public void Write(IFileSystem files, string root) => AtomicFile.Write(
        files, Path.Combine(root, FileName), JsonSerializer.SerializeToUtf8Bytes(this, BackupManifest.Json));
}
