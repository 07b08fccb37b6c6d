using System.Security.Cryptography;
using Kappa.Log;

namespace Kappa.Server.Backups;

/// <summary>
/// The folder a backup is written to. From its first file on it holds a note that it is not finished; the manifest, the
/// last file, makes it a backup, and only then the note goes. So a backup is whole or none, whatever happens.
/// </summary>
internal sealed class BackupFolder
{
    /// <summary>Says that a backup was begun here and is not finished.</summary>
    public const string Unfinished = "unfinished";

    private readonly List<CopiedFile> _copied = [];
    private readonly SortedSet<string> _folders = new(StringComparer.Ordinal);

    private BackupFolder(IFileSystem files, string root)
    {
        Files = files;
        Root = root;
        _folders.Add(root);
    }

    public IFileSystem Files { get; }

    public string Root { get; }

    /// <summary>What is in it so far.</summary>
    public IReadOnlyList<CopiedFile> Copied => _copied;

    /// <summary>Makes the folder, or takes one without any file in it.</summary>
    /// <exception cref="KappaException">Something is in it.</exception>
    public static BackupFolder Begin(IFileSystem files, string root)
    {
        if (FirstFile(files, root) is { } other)
        {
            throw new KappaException(
                ErrorKind.Conflict,
                files.Exists(Path.Combine(root, BackupManifest.FileName))
                    ? $"'{root}' holds a backup already."
                    : files.Exists(Path.Combine(root, Unfinished))
                        ? $"'{root}' holds a backup that is not finished: another one writes there, or was broken off."
                        : $"'{root}' is not empty: it holds '{other}'.",
                "Name a folder that is empty or not there; a backup that was broken off can be deleted.");
        }

        files.CreateFolder(root);
        using (var note = files.Open(Path.Combine(root, Unfinished), FileIntent.Create))
        {
            note.Write("This backup is not finished, and cannot be restored.\n"u8, 0);
            note.Sync();
        }

        files.SyncFolder(root);
        if (Path.GetDirectoryName(root) is { } parent)
        {
            files.SyncFolder(parent);
        }

        return new BackupFolder(files, root);
    }

    /// <summary>A file in a folder or below it, or null.</summary>
    public static string? FirstFile(IFileSystem files, string folder)
    {
        foreach (var name in files.List(folder))
        {
            var path = Path.Combine(folder, name);
            if (IsFile(files, path) || FirstFile(files, path) is not null)
            {
                return name;
            }
        }

        return null;
    }

    /// <summary>Copies a file; its name is the one it has in the backup.</summary>
    public CopiedFile Copy(string from, string name, CancellationToken cancel)
    {
        var (bytes, hash) = FileCopy.Run(Files, from, PathOf(name), null, cancel);
        return Add(new CopiedFile(name, bytes, hash));
    }

    /// <summary>Writes a file.</summary>
    public void Write(string name, ReadOnlySpan<byte> content)
    {
        using (var file = Files.Open(PathOf(name), FileIntent.Create))
        {
            file.Write(content, 0);
            file.Sync();
        }

        Add(new CopiedFile(name, content.Length, Convert.ToHexStringLower(SHA256.HashData(content))));
    }

    /// <summary>Files that were put there by somebody else, who has synced them.</summary>
    public CopiedFile Add(CopiedFile file)
    {
        _copied.Add(file);
        return file;
    }

    /// <summary>Syncs every folder and makes it a backup.</summary>
    public void Finish(BackupManifest manifest)
    {
        foreach (var folder in _folders.Reverse())
        {
            Files.SyncFolder(folder);
        }

        AtomicFile.Write(Files, Path.Combine(Root, BackupManifest.FileName), manifest.ToBytes());
        Files.Delete(Path.Combine(Root, Unfinished));
        Files.SyncFolder(Root);
    }

    /// <summary>Deletes what is there, as far as the disk lets it: the folder can then be used again.</summary>
    public void GiveUp()
    {
        try
        {
            Files.Delete(Path.Combine(Root, BackupManifest.FileName));
            DeleteFiles(Files, Root, except: Unfinished);
            Files.Delete(Path.Combine(Root, Unfinished));
            Files.SyncFolder(Root);
        }
        catch (KappaException)
        {
            // What made the backup fail is told; what is left says by itself that it is no backup.
        }
    }

    /// <summary>Deletes every file in a folder and below, but some; durably.</summary>
    public static void DeleteFiles(IFileSystem files, string folder, params string[] except)
    {
        foreach (var name in files.List(folder).Where(name => !except.Contains(name)))
        {
            var path = Path.Combine(folder, name);
            if (IsFile(files, path))
            {
                files.Delete(path);
            }
            else
            {
                DeleteFiles(files, path);
            }
        }

        files.SyncFolder(folder);
    }

    private static bool IsFile(IFileSystem files, string path)
    {
        try
        {
            files.Open(path, FileIntent.Read).Dispose();
            return true;
        }
        catch (KappaException refused)
        {
            // A folder cannot be opened; a file without the right to be read cannot either, and is one all the same.
            return refused.Kind == ErrorKind.Forbidden && !Directory.Exists(path);
        }
    }

    private string PathOf(string name)
    {
        var path = Path.Combine(Root, name.Replace('/', Path.DirectorySeparatorChar));
        Files.CreateFolder(Path.GetDirectoryName(path)!);
        for (var folder = Path.GetDirectoryName(path)!; folder.Length > Root.Length;)
        {
            _folders.Add(folder);
            folder = Path.GetDirectoryName(folder)!;
        }

        return path;
    }
}
