namespace Kappa.Streams;

/// <summary>
/// The key of what has no key: there is one, and it has no columns. So a table of windows without a key has the
/// window's start and end as its row key.
/// </summary>
public readonly record struct Everything
{
    /// <inheritdoc/>
    public override string ToString() => "*";

    internal static Everything Of<T>(T value)
    {
        _ = value;
        return default;
    }
}
