namespace Kappa.Log;

/// <summary>
/// A small file that is either the old one or the new one, whatever happens: written aside, synced, renamed.
/// </summary>
public static class AtomicFile
{
    /// <summary>Replaces a file's content; returns when the new content is durable.</summary>
    /// <param name="files">The disk.</param>
    /// <param name="path">The file; the name with <c>.new</c> behind it is used on the way.</param>
    /// <param name="content">The whole new content.</param>
    /// <exception cref="KappaException">The disk did not keep it; the old content stays.</exception>
    public static void Write(IFileSystem files, string path, ReadOnlySpan<byte> content)
    {
        ArgumentNullException.ThrowIfNull(files);
        var aside = path + ".new";
        files.Delete(aside);
        using (var file = files.Open(aside, FileIntent.Create))
        {
            file.Write(content, 0);
            file.Sync();
        }

        files.Rename(aside, path);
        files.SyncFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>The file's content, or null when there is none.</summary>
    /// <param name="files">The disk.</param>
    /// <param name="path">The file.</param>
    public static byte[]? Read(IFileSystem files, string path)
    {
        ArgumentNullException.ThrowIfNull(files);
        if (!files.Exists(path))
        {
            return null;
        }

        using var file = files.Open(path, FileIntent.Read);
        var content = new byte[file.Length];
        var read = file.Read(content, 0);
        return read == content.Length ? content : content[..read];
    }
}
