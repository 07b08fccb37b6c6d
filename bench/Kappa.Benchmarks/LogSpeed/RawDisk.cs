using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Kappa.Benchmarks.LogSpeed;

/// <summary>The system's own calls, bare: what every figure of the log is held against. Linux.</summary>
internal static partial class RawDisk
{
    private const int DontNeed = 4;

    /// <summary>Writes at a position and makes it durable, as the log does for a group.</summary>
    public static unsafe void WriteAndSync(SafeFileHandle file, ReadOnlySpan<byte> bytes, long position)
    {
        fixed (byte* at = bytes)
        {
            if (PWrite(file, at, (nuint)bytes.Length, position) != bytes.Length)
            {
                throw new IOException($"pwrite: {Marshal.GetLastPInvokeErrorMessage()}");
            }
        }

        if (FDataSync(file) != 0)
        {
            throw new IOException($"fdatasync: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>Makes the files under a folder cold; returns how.</summary>
    public static string Forget(string folder)
    {
        Sync();
        try
        {
            File.WriteAllText("/proc/sys/vm/drop_caches", "3");
            return "drop_caches";
        }
        catch (Exception refused) when (refused is UnauthorizedAccessException or IOException)
        {
            foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            {
                using var file = File.OpenHandle(path);
                if (FAdvise(file, 0, 0, DontNeed) != 0)
                {
                    throw new IOException($"posix_fadvise failed on {path}");
                }
            }

            return "posix_fadvise";
        }
    }

    /// <summary>The bytes this process made the disk read so far.</summary>
    public static long BytesRead() => long.Parse(
        File.ReadLines("/proc/self/io").Single(line => line.StartsWith("read_bytes:", StringComparison.Ordinal))
            ["read_bytes:".Length..],
        System.Globalization.CultureInfo.InvariantCulture);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    private static unsafe partial nint PWrite(SafeFileHandle file, byte* bytes, nuint count, long position);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FDataSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int FAdvise(SafeFileHandle file, long position, long length, int advice);

    [LibraryImport("libc", EntryPoint = "sync")]
    private static partial void Sync();
}
