using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Kappa.Log;

/// <summary>macOS: fcntl F_FULLFSYNC, because its fsync leaves bytes in the drive's cache.</summary>
internal sealed partial class MacSync : IDiskSync
{
    private const int Interrupted = 4;
    private const int FullSync = 51;
    private const int FolderAndCloseOnExec = 0x100000 | 0x1000000;

    public void SyncFile(SafeFileHandle file, string path)
    {
        int result, errno;
        do
        {
            // On Apple's arm64 the third argument of fcntl is variadic and passed on the stack; F_FULLFSYNC takes none.
            result = FCntl(file, FullSync);
            errno = Marshal.GetLastPInvokeError();
        }
        while (result < 0 && errno == Interrupted);
        if (result < 0)
        {
            throw DiskError.Of(path, "F_FULLFSYNC", errno);
        }
    }

    public void SyncFolder(string path)
    {
        int handle, errno;
        do
        {
            handle = Open(path, FolderAndCloseOnExec);
            errno = Marshal.GetLastPInvokeError();
        }
        while (handle < 0 && errno == Interrupted);
        if (handle < 0)
        {
            throw DiskError.Of(path, "open of the folder", errno);
        }

        using var owned = new SafeFileHandle(handle, ownsHandle: true);
        SyncFile(owned, path);
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FCntl(SafeFileHandle file, int command);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
