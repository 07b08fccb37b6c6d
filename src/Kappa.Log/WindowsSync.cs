using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Kappa.Log;

/// <summary>Windows: FlushFileBuffers for files; NTFS journals names itself, so a folder needs nothing.</summary>
internal sealed partial class WindowsSync : IDiskSync
{
    public void SyncFile(SafeFileHandle file, string path)
    {
        var kept = FlushFileBuffers(file);
        var error = Marshal.GetLastPInvokeError();
        if (!kept)
        {
            throw DiskError.Of(path, "FlushFileBuffers", unchecked((int)0x80070000) | error);
        }
    }

    public void SyncFolder(string path)
    {
    }

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool FlushFileBuffers(SafeFileHandle file);
}
