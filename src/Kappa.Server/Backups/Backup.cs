using System.Text.Json;
using Kappa.Log;
using Kappa.Server.Mirrors;
using Kappa.Server.Subscriptions;

namespace Kappa.Server.Backups;

/// <summary>
/// Copies everything of a data folder that cannot be computed again: the log up to one place, with clock, journal and
/// what versions say; the programs; subscriptions, without the secrets in them; the hashes of keys. Tables, states and
/// projections are left out. Works beside a running platform.
/// </summary>
internal sealed class Backup(DataFolder folder, EmbeddedLog log, TimeProvider time)
{
    private const string ArtifactList = "artifact.json";

    /// <summary>Makes a backup.</summary>
    /// <param name="into">An absolute path; a folder that is missing or without files, not in the data folder.</param>
    /// <param name="mark">Where the running versions meet; null where none runs.</param>
    /// <param name="patience">How long is waited for them when everything is copied.</param>
    /// <param name="cancel">Gives up; nothing is left.</param>
    /// <exception cref="KappaException">
    /// The folder is not fit; something is damaged, which is named; the disk is full. No backup is left.
    /// </exception>
    public async Task<BackupManifest> RunAsync(
        string into, BackupMark? mark, TimeSpan patience, CancellationToken cancel)
    {
        var root = Check(into);
        var target = BackupFolder.Begin(folder.Files, root);
        try
        {
            // Positions first: none of them lies behind the place of the log that is chosen after.
            CopySubscriptions(target);
            target.Copy(folder.Keys, "keys.json", cancel);
            var copy = await log.CopyAsync(
                Path.Combine(root, "log"), async stop => mark is null ? null : await mark.PlaceAsync(stop), cancel);
            foreach (var file in copy.Files)
            {
                target.Add(file with { Name = "log/" + file.Name });
            }

            new MirrorFiles(folder.Files, folder.Mirrors).BackUp(
                copy, (name, content) => target.Write("mirrors/" + name, content));

            // Programs after: whatever the copied journal names was stored before it was named.
            await Task.Run(() => CopyArtifacts(target, cancel), cancel);
            var versions = mark is null ? [] : await mark.VersionsAsync(patience, cancel);
            var manifest = new BackupManifest(
                "Kappa " + Platform.ProductVersion, time.GetUtcNow(), copy.Log.ToString(), copy.Place, mark?.Id,
                versions, [.. target.Copied.OrderBy(file => file.Name, StringComparer.Ordinal)]);
            target.Finish(manifest);
            return manifest;
        }
        catch
        {
            target.GiveUp();
            throw;
        }
    }

    private string Check(string into)
    {
        if (!Path.IsPathFullyQualified(into))
        {
            throw new KappaException(
                ErrorKind.Invalid, $"The folder of the backup is '{into}', which is no whole path.",
                "Name it from the root on, as it is called on the server's machine.");
        }

        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(into));
        if (IsIn(root, folder.Root) || IsIn(folder.Root, root))
        {
            throw new KappaException(
                ErrorKind.Invalid, "The folder of the backup and the data folder lie in one another.",
                "Name a folder elsewhere, best on another disk.");
        }

        return root;
    }

    private static bool IsIn(string inner, string outer) =>
        (inner + Path.DirectorySeparatorChar).StartsWith(outer + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private void CopySubscriptions(BackupFolder target)
    {
        foreach (var name in folder.Files.List(folder.Subscriptions)
            .Where(name => name.EndsWith(".json", StringComparison.Ordinal)
                || name.EndsWith(".position", StringComparison.Ordinal)))
        {
            // One that is ended in between is none.
            if (AtomicFile.Read(folder.Files, Path.Combine(folder.Subscriptions, name)) is { } content)
            {
                target.Write("subscriptions/" + name, name.EndsWith(".json", StringComparison.Ordinal)
                    ? SubscriptionFiles.WithoutSecrets(content) : content);
            }
        }
    }

    private void CopyArtifacts(BackupFolder target, CancellationToken cancel)
    {
        foreach (var id in folder.Files.List(folder.Artifacts).Where(id => id != "fingerprints"))
        {
            if (AtomicFile.Read(folder.Files, Path.Combine(folder.Artifacts, id, ArtifactList)) is not { } list)
            {
                continue;
            }

            using var files = JsonDocument.Parse(list);
            foreach (var file in files.RootElement.EnumerateArray())
            {
                var name = file.GetProperty("name").GetString()!;
                var path = Path.Combine(folder.Artifacts, id, name);
                var copied = target.Copy(path, $"artifacts/{id}/{name}", cancel);
                if (copied.Sha256 != file.GetProperty("sha256").GetString())
                {
                    throw new KappaException(
                        ErrorKind.Corrupt, $"'{path}' is damaged: it is not the file that was stored.",
                        "Delete the folder of that artifact and deploy the same program again.");
                }
            }

            target.Write($"artifacts/{id}/{ArtifactList}", list);
        }

        foreach (var name in folder.Files.List(Path.Combine(folder.Artifacts, "fingerprints"))
            .Where(name => name.EndsWith(".json", StringComparison.Ordinal)))
        {
            target.Copy(
                Path.Combine(folder.Artifacts, "fingerprints", name), $"artifacts/fingerprints/{name}", cancel);
        }
    }
}
