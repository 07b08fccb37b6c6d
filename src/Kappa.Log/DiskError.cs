namespace Kappa.Log;

/// <summary>Makes a disk's trouble an error that names the file, the call and the cause.</summary>
internal static class DiskError
{
    private const int NoSpace = 28;
    private const int QuotaLinux = 122;
    private const int QuotaMac = 69;
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);

    public static KappaException Of(string path, string what, Exception trouble) =>
        IsFull(trouble.HResult)
            ? new DiskFullException(path, trouble)
            : new KappaException(
                trouble is FileNotFoundException or DirectoryNotFoundException
                    ? ErrorKind.NotFound
                    : trouble is UnauthorizedAccessException ? ErrorKind.Forbidden : ErrorKind.Unavailable,
                $"The disk could not {what} '{path}': {trouble.Message}",
                "Check the disk and the rights on that path.",
                trouble);

    /// <summary>The error of a failed system call.</summary>
    public static KappaException Of(string path, string call, int errno) =>
        IsFull(errno)
            ? new DiskFullException(path)
            : new KappaException(
                ErrorKind.Unavailable,
                $"The disk did not keep '{path}': {call} failed with error {errno}"
                    + $" ({System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(errno)}).",
                "Check the disk; what was not acknowledged may be lost, what was acknowledged is in the log.");

    private static bool IsFull(int code) => code is WindowsDiskFull or WindowsHandleDiskFull or NoSpace
        || (OperatingSystem.IsLinux() && code == QuotaLinux)
        || (OperatingSystem.IsMacOS() && code == QuotaMac);
}
