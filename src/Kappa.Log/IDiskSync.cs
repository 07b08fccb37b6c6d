using Microsoft.Win32.SafeHandles;

namespace Kappa.Log;

/// <summary>
/// How a platform makes bytes durable. A failure is thrown and final: only an interrupted call is made again.
/// </summary>
internal interface IDiskSync
{
    void SyncFile(SafeFileHandle file, string path);

    void SyncFolder(string path);
}
