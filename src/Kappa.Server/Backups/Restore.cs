using Kappa.Log;
using Kappa.Server.Mirrors;
using Kappa.Server.Subscriptions;

namespace Kappa.Server.Backups;

/// <summary>
/// Makes a data folder of a backup: the same records, programs, keys and subscriptions, under a new log id. The mark of
/// a data folder, <c>kappa.json</c>, is its last file, so a restore that was broken off is none, and is begun again.
/// </summary>
public sealed class Restore
{
    /// <summary>Says that a restore was begun in a folder and is not finished.</summary>
    internal const string Unfinished = "restoring";

    private static readonly string[] Parts = ["log", "artifacts", "subscriptions", "mirrors", "keys.json"];
    private readonly IFileSystem _files;
    private readonly string _from;
    private readonly string _into;
    private readonly TimeProvider _time;

    private Restore(IFileSystem files, string from, string into, TimeProvider time)
    {
        _files = files;
        _from = Path.GetFullPath(from);
        _into = Path.GetFullPath(into);
        _time = time;
    }

    /// <summary>Restores a backup; every file is compared with the hash that was taken of it.</summary>
    /// <param name="from">The folder of the backup.</param>
    /// <param name="into">The new data folder: missing, without files, or with a restore that was broken off.</param>
    /// <param name="files">The disk.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancel">Gives up; nothing is left.</param>
    /// <returns>What was restored.</returns>
    /// <exception cref="KappaException">
    /// Corrupt: a file of the backup is damaged or missing; it is named and nothing is left in the new folder.
    /// Conflict: the new folder is not empty. NotFound, Invalid: there is no whole backup.
    /// </exception>
    public static Restored Run(
        string from, string into, IFileSystem files, TimeProvider time, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(time);
        return new Restore(files, from, into, time).Run(cancel);
    }

    private Restored Run(CancellationToken cancel)
    {
        var manifest = BackupManifest.Read(_files, _from);
        foreach (var file in manifest.Files)
        {
            CheckName(file.Name);
        }

        RefuseOthers();
        _files.CreateFolder(_into);
        using var held = _files.Lock(_into);
        RefuseOthers();
        AtomicFile.Write(_files, Path.Combine(_into, Unfinished), "This restore is not finished.\n"u8);
        BackupFolder.DeleteFiles(_files, _into, "lock", Unfinished);
        try
        {
            var id = new LogId(Guid.NewGuid());
            Copy(manifest, id, cancel);
            var (mirrors, inherits) = TakeMirrors();
            new RestoredFrom(
                1, manifest.Log, manifest.Place, manifest.Mark, manifest.At, _time.GetUtcNow(), manifest.Versions,
                new Dictionary<string, string>()).Write(_files, _into);
            SyncFolders(manifest);
            KeepPrograms(manifest);
            DataFolder.Mark(_files, _into, inherits ? DataFolder.InheritingFormat : DataFolder.Format);
            _files.Delete(Path.Combine(_into, Unfinished));
            _files.SyncFolder(_into);
            if (Path.GetDirectoryName(_into) is { } parent)
            {
                _files.SyncFolder(parent);
            }

            return new Restored(
                id, manifest.Place, manifest.At, manifest.Files.Count, manifest.Files.Sum(file => file.Bytes),
                [.. manifest.Versions.Where(version => version.Note is not null)
                    .Select(version => $"{version.Version}: {version.Note}"), .. mirrors]);
        }
        catch
        {
            GiveUp();
            throw;
        }
    }

    /// <summary>Names lead into the parts of a data folder and nowhere else, whoever wrote them.</summary>
    private static void CheckName(string name)
    {
        var parts = name.Split('/');
        if (!Parts.Contains(parts[0]) || parts.Any(part => part is "" or "." or "..")
            || name.Contains('\\', StringComparison.Ordinal) || name.Contains(':', StringComparison.Ordinal)
            || (parts.Length == 1) != (name == "keys.json"))
        {
            throw new KappaException(
                ErrorKind.Corrupt, $"{BackupManifest.FileName} names the file '{name}', which no backup has.",
                "Take another backup; do not trust this one.");
        }
    }

    private void RefuseOthers()
    {
        if (_files.Exists(Path.Combine(_into, "kappa.json")))
        {
            throw new KappaException(
                ErrorKind.Conflict, $"'{_into}' is a data folder already.",
                "Name a folder that is empty or not there with --data.");
        }

        var began = _files.Exists(Path.Combine(_into, Unfinished));
        var other = _files.List(_into).FirstOrDefault(name => began
            ? !Parts.Contains(name)
                && name is not (Unfinished or Unfinished + ".new" or "lock" or RestoredFrom.FileName
                    or RestoredFrom.FileName + ".new" or "kappa.json.new")
            : name is not ("lock" or Unfinished + ".new")
                && (!Parts.Contains(name) || BackupFolder.FirstFile(_files, Path.Combine(_into, name)) is not null));
        if (other is not null)
        {
            throw new KappaException(
                ErrorKind.Conflict, $"'{_into}' is not empty: it holds '{other}'.",
                "Name a folder that is empty or not there with --data.");
        }
    }

    private void Copy(BackupManifest manifest, LogId id, CancellationToken cancel)
    {
        var log = new LogRestore(_files, Path.Combine(_from, "log"), Path.Combine(_into, "log"), id);
        foreach (var file in manifest.Files)
        {
            cancel.ThrowIfCancellationRequested();
            var copied = CopyOne(file.Name, log, manifest, id, cancel);
            if (copied != file)
            {
                throw new KappaException(
                    ErrorKind.Corrupt,
                    $"'{Path.Combine(_from, file.Name)}' is damaged: it is not the file that was backed up.",
                    "Restore another backup.");
            }
        }
    }

    /// <summary>
    /// Mirrors are of the old log. Those stay whose archives have what the log has not; to none of them is written.
    /// </summary>
    /// <returns>What is to be done about each; and does any stay?</returns>
    private (List<string> Notes, bool Inherits) TakeMirrors()
    {
        var files = new MirrorFiles(_files, Path.Combine(_into, "mirrors"));
        var notes = new List<string>();
        var inherits = false;
        foreach (var mirror in files.ReadAll())
        {
            var isNeeded = mirror.Origin is { IsNeeded: true };
            inherits |= isNeeded;
            notes.Add($"topic '{mirror.Topic}': " + (isNeeded
                ? $"what was no more in the log is read out of '{mirror.Store}'; nothing more is written there"
                : $"it was mirrored to '{mirror.Store}', which is of the old log")
                + "; mirror it to another place");
            if (!isNeeded)
            {
                files.Delete(mirror.Name);
            }
        }

        return (notes, inherits);
    }

    private CopiedFile CopyOne(
        string name, LogRestore log, BackupManifest manifest, LogId id, CancellationToken cancel)
    {
        try
        {
            if (name.StartsWith("log/", StringComparison.Ordinal))
            {
                var copied = log.Copy(name["log/".Length..], cancel);
                return copied with { Name = name };
            }

            var (source, target) = (Path.Combine(_from, name), Path.Combine(_into, name));
            _files.CreateFolder(Path.GetDirectoryName(target)!);
            var (bytes, hash) = FileCopy.Run(_files, source, target, null, cancel);
            var found = new CopiedFile(name, bytes, hash);
            if (name.EndsWith(".position", StringComparison.Ordinal) && manifest.Files.Contains(found))
            {
                SubscriptionFiles.Renew(_files, target, new LogId(Guid.ParseExact(manifest.Log, "N")), id);
            }

            return found;
        }
        catch (KappaException missing) when (missing.Kind == ErrorKind.NotFound)
        {
            throw new KappaException(
                ErrorKind.Corrupt, $"'{Path.Combine(_from, name)}' is missing.", "Restore another backup.", missing);
        }
    }

    private void SyncFolders(BackupManifest manifest)
    {
        var folders = new SortedSet<string>(StringComparer.Ordinal) { _into };
        foreach (var file in manifest.Files)
        {
            for (var folder = Path.GetDirectoryName(Path.Combine(_into, file.Name))!; folder.Length > _into.Length;)
            {
                folders.Add(folder);
                folder = Path.GetDirectoryName(folder)!;
            }
        }

        foreach (var folder in folders.Reverse())
        {
            _files.SyncFolder(folder);
        }
    }

    /// <summary>Programs are read-only, as their store keeps them; not before all are there, so they can go.</summary>
    private void KeepPrograms(BackupManifest manifest)
    {
        foreach (var path in manifest.Files
            .Where(file => file.Name.StartsWith("artifacts/", StringComparison.Ordinal)
                && !file.Name.StartsWith("artifacts/fingerprints/", StringComparison.Ordinal)
                && !file.Name.EndsWith("/artifact.json", StringComparison.Ordinal))
            .Select(file => Path.Combine(_into, file.Name)).Where(File.Exists))
        {
            File.SetAttributes(path, File.GetAttributes(path) | FileAttributes.ReadOnly);
        }
    }

    private void GiveUp()
    {
        try
        {
            // Each durable before the next: no loss of power may leave a data folder without its files, nor files
            // without the note that says what they are.
            _files.Delete(Path.Combine(_into, "kappa.json"));
            _files.SyncFolder(_into);
            BackupFolder.DeleteFiles(_files, _into, "lock", Unfinished);
            _files.Delete(Path.Combine(_into, Unfinished));
            _files.SyncFolder(_into);
        }
        catch (KappaException)
        {
            // What made the restore fail is told; what is left is no data folder, and says so.
        }
    }
}
