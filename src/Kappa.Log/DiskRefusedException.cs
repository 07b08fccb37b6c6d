namespace Kappa.Log;

/// <summary>
/// The disk refuses for now: it is full, read-only, not this user's, or the process has too many files open. Nothing
/// was lost, and what was asked for succeeds by itself when the cause is gone.
/// </summary>
/// <param name="message">What is wrong: the file and the cause.</param>
/// <param name="next">What to do next.</param>
/// <param name="inner">The cause.</param>
public class DiskRefusedException(string message, string next, Exception? inner = null)
    : KappaException(ErrorKind.Unavailable, message, next, inner);
