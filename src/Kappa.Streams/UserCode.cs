using Kappa.Streams.Runtime;

namespace Kappa.Streams;

/// <summary>The boundary to the user's lambdas: what they throw becomes a dead letter (rule O6).</summary>
internal static class UserCode
{
    /// <summary>What a dead letter says of a value without a key.</summary>
    public const string NullKey =
        "The key is null. Leave such values out with Where, or give them a key of their own.";

    /// <summary>Is this an error of the user's code on this record, and not of the process?</summary>
    public static bool MayFail(Exception error) =>
        error is not (SpillException or OutOfMemoryException or ThreadInterruptedException or AccessViolationException);
}
