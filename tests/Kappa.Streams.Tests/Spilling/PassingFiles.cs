using Kappa.Log;
using Kappa.Streams.Runtime;

namespace Kappa.Streams.Tests.Spilling;

/// <summary>A disk that passes everything on, but puts something between a program and its scratch files.</summary>
internal abstract class PassingFiles(IFileSystem inner) : IFileSystem
{
    public IFile Open(string path, FileIntent intent)
    {
        var file = inner.Open(path, intent);
        return path.EndsWith(SpillSpace.Ending, StringComparison.Ordinal) ? Scratch(file) : file;
    }

    public void CreateFolder(string path) => inner.CreateFolder(path);

    public bool Exists(string path) => inner.Exists(path);

    public IReadOnlyList<string> List(string folder) => inner.List(folder);

    public void Rename(string from, string to) => inner.Rename(from, to);

    public void Delete(string path) => inner.Delete(path);

    public void SyncFolder(string path) => inner.SyncFolder(path);

    public IDisposable Lock(string folder) => inner.Lock(folder);

    /// <summary>A scratch file as the program sees it.</summary>
    protected abstract IFile Scratch(IFile file);
}
