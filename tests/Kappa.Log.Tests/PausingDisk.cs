namespace Kappa.Log.Tests;

/// <summary>A disk on which something happens before a file is opened, while no lock of the disk is held.</summary>
internal sealed class PausingDisk(IFileSystem inner) : IFileSystem
{
    /// <summary>Called before a file is made, with its path.</summary>
    public Action<string> BeforeCreate { get; set; } = _ => { };

    /// <summary>Called before a file is opened to be read, with its path.</summary>
    public Action<string> BeforeRead { get; set; } = _ => { };

    public IFile Open(string path, FileIntent intent)
    {
        if (intent == FileIntent.Create)
        {
            BeforeCreate(path);
        }
        else if (intent == FileIntent.Read)
        {
            BeforeRead(path);
        }

        return inner.Open(path, intent);
    }

    public void CreateFolder(string path) => inner.CreateFolder(path);

    public bool Exists(string path) => inner.Exists(path);

    public IReadOnlyList<string> List(string folder) => inner.List(folder);

    public void Rename(string from, string to) => inner.Rename(from, to);

    public void Delete(string path) => inner.Delete(path);

    public void SyncFolder(string path) => inner.SyncFolder(path);

    public IDisposable Lock(string folder) => inner.Lock(folder);
}
