namespace Kappa.Log;

/// <summary>How a file is opened.</summary>
public enum FileIntent
{
    /// <summary>A new file, for reading and writing; it must not exist.</summary>
    Create,

    /// <summary>An existing file, for reading and writing.</summary>
    Write,

    /// <summary>An existing file, for reading.</summary>
    Read,
}

/// <summary>
/// The disk, as far as durable bytes go through it: log, state files, artifacts. One implementation per kind of disk;
/// tests model power loss with another.
/// </summary>
public interface IFileSystem
{
    /// <summary>Opens a file.</summary>
    IFile Open(string path, FileIntent intent);

    /// <summary>Creates a folder and its parents; private to the owner.</summary>
    void CreateFolder(string path);

    /// <summary>Is there a file or folder of this name?</summary>
    bool Exists(string path);

    /// <summary>
    /// The names (not paths) of files and folders in a folder, in ordinal order; none when it does not exist.
    /// </summary>
    IReadOnlyList<string> List(string folder);

    /// <summary>Renames a file over another. Durable after <see cref="SyncFolder"/> of the folder.</summary>
    void Rename(string from, string to);

    /// <summary>Deletes a file, if it is there. Durable after <see cref="SyncFolder"/>.</summary>
    void Delete(string path);

    /// <summary>Makes creations, renames and deletions in a folder durable.</summary>
    void SyncFolder(string path);

    /// <summary>Takes the folder for this process alone until disposed.</summary>
    /// <exception cref="KappaException">Another process holds it.</exception>
    IDisposable Lock(string folder);
}

/// <summary>
/// An open file. Positions are bytes from the start. Not safe for two writers at once; reading beside writing is.
/// </summary>
public interface IFile : IDisposable
{
    /// <summary>Its length in bytes.</summary>
    long Length { get; }

    /// <summary>Reads as many bytes as are there, at most the buffer; returns how many.</summary>
    int Read(Span<byte> into, long position);

    /// <summary>Writes all bytes.</summary>
    void Write(ReadOnlySpan<byte> bytes, long position);

    /// <summary>Cuts the file.</summary>
    void Truncate(long length);

    /// <summary>
    /// Makes everything written so far durable. A failure is final for what was written: never retry it.
    /// </summary>
    /// <exception cref="KappaException">The disk did not keep it.</exception>
    void Sync();
}
