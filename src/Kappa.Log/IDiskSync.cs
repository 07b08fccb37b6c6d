using Microsoft.Win32.SafeHandles;

namespace Kappa.Log;

/// <summary>
/// How a platform makes bytes durable. A failure is thrown and final: only an interrupted call is made again.
/// </summary>
internal interface IDiskSync
{
    void SyncFile(SafeFileHandle file, string path);

    void SyncFolder(string path);

    /// <summary>
    /// Lets the disk begin with bytes just written, so that the sync that follows waits for less; where a platform has
    /// no call for that, nothing. It makes nothing durable; a failure is one of the write.
    /// </summary>
    void Begin(SafeFileHandle file, string path, long position, long length)
    {
    }
}
