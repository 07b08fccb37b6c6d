using Kappa.Client;
using Kappa.Log;

namespace Kappa.Server.Backups;

/// <summary>Backs up a data folder on which no server runs.</summary>
public static class OfflineBackup
{
    /// <summary>
    /// Makes a backup. The log is opened, so what a crash left in it is put right first; no version runs, so the backup
    /// has no checksums of tables.
    /// </summary>
    /// <param name="data">The data folder.</param>
    /// <param name="into">An absolute path; a folder that is missing or without files.</param>
    /// <param name="files">The disk.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancel">Gives up; nothing is left.</param>
    /// <exception cref="KappaException">
    /// NotFound: there is no data folder. Else as a server's backup, or another process holds the data folder.
    /// </exception>
    public static async Task<BackupAnswer> RunAsync(
        string data, string into, IFileSystem files, TimeProvider time, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(time);
        if (!files.Exists(Path.Combine(data, "kappa.json")))
        {
            throw new KappaException(
                ErrorKind.NotFound, $"'{data}' is no data folder: it has no kappa.json.",
                "Name the folder of a server with --data, or a server with --server.");
        }

        using var folder = DataFolder.Open(data, files);
        AccessKeys.Open(folder);
        await using var log = await EmbeddedLog.OpenAsync(
            new LogOptions { Folder = folder.Log, Files = files, Time = time }, cancel);
        var taken = await new Backup(folder, log, time).RunAsync(into, mark: null, TimeSpan.Zero, cancel);
        return Answer(taken, into);
    }

    internal static BackupAnswer Answer(BackupManifest taken, string into)
    {
        var bytes = taken.Files.Sum(file => file.Bytes);
        var versions = taken.Versions.Select(version =>
            new BackupVersionView(version.Version, version.State, version.Checksums, version.Note)).ToList();
        return new BackupAnswer(
            $"{taken.Files.Count} files with {bytes} bytes are in {into}: the log up to {taken.Place}."
            + string.Concat(versions.Where(version => version.Note is not null)
                .Select(version => $"\n{version.Version} has no checksums: {version.Note}.")),
            into, taken.Log, taken.Place.ToString(), taken.Files.Count, bytes, versions);
    }
}
