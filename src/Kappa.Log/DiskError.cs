namespace Kappa.Log;

/// <summary>Makes a disk's trouble an error that names the file, the call and the cause.</summary>
internal static class DiskError
{
    private const int NoSpace = 28;
    private const int NotPermitted = 1;
    private const int NoRight = 13;
    private const int FilesOfSystem = 23;
    private const int FilesOfProcess = 24;
    private const int ReadOnly = 30;
    private const int WindowsFiles = unchecked((int)0x80070004);
    private const int QuotaLinux = 122;
    private const int QuotaMac = 69;
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);

    public static KappaException Of(string path, string what, Exception trouble) =>
        IsFull(trouble.HResult) ? new DiskFullException(path, trouble)
        : Refused(path, what, trouble.HResult, trouble)
        ?? new KappaException(
            trouble is FileNotFoundException or DirectoryNotFoundException
                ? ErrorKind.NotFound
                : ErrorKind.Unavailable,
            $"The disk could not {what} '{path}': {trouble.Message}",
            "Check the disk and the rights on that path.",
            trouble);

    /// <summary>The error of a failed system call.</summary>
    public static KappaException Of(string path, string call, int errno) =>
        IsFull(errno)
            ? new DiskFullException(path)
            : Refused(path, call, errno, null) ?? new KappaException(
                ErrorKind.Unavailable,
                $"The disk did not keep '{path}': {call} failed with error {errno}"
                    + $" ({System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(errno)}).",
                "Check the disk; what was not acknowledged may be lost, what was acknowledged is in the log.");

    /// <summary>Trouble that has nothing to do with what was written, and ends when its cause is gone.</summary>
    private static DiskRefusedException? Refused(string path, string what, int code, Exception? trouble) => code switch
    {
        _ when trouble is UnauthorizedAccessException || code is NoRight or NotPermitted => new DiskRefusedException(
            $"The disk did not let this process {what} '{path}': it has no right to. Nothing was lost.",
            "Give the user of this process the right to that path; the log goes on by itself.", trouble),
        ReadOnly => new DiskRefusedException(
            $"The disk could not {what} '{path}': it is read-only. Nothing was lost.",
            "Make that disk writable; the log goes on by itself.", trouble),
        FilesOfProcess or FilesOfSystem or WindowsFiles => new DiskRefusedException(
            $"The disk could not {what} '{path}': too many files are open. Nothing was lost.",
            "Raise the limit of open files (ulimit -n), or stop what holds them; the log goes on by itself.", trouble),
        _ => null,
    };

    private static bool IsFull(int code) => code is WindowsDiskFull or WindowsHandleDiskFull or NoSpace
        || (OperatingSystem.IsLinux() && code == QuotaLinux)
        || (OperatingSystem.IsMacOS() && code == QuotaMac);
}
