using Kappa.Streams.Runtime;

namespace Kappa.Streams;

/// <summary>The boundary to the user's lambdas: what they throw becomes a dead letter (rule O6).</summary>
internal static class UserCode
{
    /// <summary>Is this an error of the user's code on this record, and not of the process?</summary>
    public static bool MayFail(Exception error) =>
        error is not (SpillException or OutOfMemoryException or ThreadInterruptedException or AccessViolationException);
}
