namespace Kappa.Log;

/// <summary>The disk has no room. Nothing was lost; the same request succeeds when there is room again.</summary>
/// <param name="path">The file that could not grow.</param>
/// <param name="inner">The cause.</param>
public sealed class DiskFullException(string path, Exception? inner = null) : DiskRefusedException(
    $"The disk of '{path}' is full; the request was not taken, and nothing was lost.",
    "Free space on that disk; the log goes on by itself.",
    inner);
