namespace Kappa.Streams.Runtime;

/// <summary>The key a segment handles now, for those who do not know its type.</summary>
internal abstract class KeyCell
{
    /// <summary>The key as text, as late and dead records name it.</summary>
    public abstract string Text { get; }

    /// <summary>Its bytes.</summary>
    public abstract byte[] Bytes { get; }
}

/// <summary>The key a segment handles now.</summary>
internal sealed class KeyCell<TKey> : KeyCell
    where TKey : notnull
{
    public TKey Value { get; set; } = default!;

    public override string Text => Shape.KeyText(Value);

    public override byte[] Bytes => Columns<TKey>.KeyBytes(Value);
}
