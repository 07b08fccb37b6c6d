using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Kappa.Log;

/// <summary>Linux: fdatasync for files, fsync for folders.</summary>
internal sealed partial class LinuxSync : IDiskSync
{
    private const int Interrupted = 4;
    private const int Invalid = 22;
    private const int NotOfThisFile = 29;
    private const int NoSuchCall = 38;
    private const uint BeginWriting = 2;
    private const int CloseOnExec = 0x80000;
    private const int FolderOnX64 = 0x10000;
    private const int FolderOnArm64 = 0x4000;

    public void SyncFile(SafeFileHandle file, string path)
    {
        int result, errno;
        do
        {
            result = FDataSync(file);
            errno = Marshal.GetLastPInvokeError();
        }
        while (result != 0 && errno == Interrupted);
        if (result != 0)
        {
            throw DiskError.Of(path, "fdatasync", errno);
        }
    }

    public void SyncFolder(string path)
    {
        var folder = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 or Architecture.X86 => FolderOnX64,
            Architecture.Arm64 or Architecture.Arm => FolderOnArm64,
            var other => throw new KappaException(
                ErrorKind.Invalid, $"Kappa has no proven way to sync folders on {other}.", "Run it on x64 or arm64."),
        };
        int handle, errno;
        do
        {
            handle = Open(path, folder | CloseOnExec, 0);
            errno = Marshal.GetLastPInvokeError();
        }
        while (handle < 0 && errno == Interrupted);
        if (handle < 0)
        {
            throw DiskError.Of(path, "open of the folder", errno);
        }

        using var owned = new SafeFileHandle(handle, ownsHandle: true);
        int result;
        do
        {
            result = FSync(owned);
            errno = Marshal.GetLastPInvokeError();
        }
        while (result != 0 && errno == Interrupted);
        if (result != 0)
        {
            throw DiskError.Of(path, "fsync of the folder", errno);
        }
    }

    public void Begin(SafeFileHandle file, string path, long position, long length)
    {
        int result, errno;
        do
        {
            result = SyncFileRange(file, position, length, BeginWriting);
            errno = Marshal.GetLastPInvokeError();
        }
        while (result != 0 && errno == Interrupted);

        // What failed here may not be told again by the sync, so it is told now.
        if (result != 0 && errno is not (Invalid or NotOfThisFile or NoSuchCall))
        {
            throw DiskError.Of(path, "sync_file_range", errno);
        }
    }

    [LibraryImport("libc", EntryPoint = "sync_file_range", SetLastError = true)]
    private static partial int SyncFileRange(SafeFileHandle file, long position, long length, uint flags);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FDataSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);
}
