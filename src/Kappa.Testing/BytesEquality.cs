namespace Kappa.Testing;

/// <summary>Bytes are equal by content, and ordered as unsigned numbers (rule T8).</summary>
internal sealed class BytesEquality : IEqualityComparer<byte[]>, IComparer<byte[]>
{
    public static readonly BytesEquality Instance = new();

    public bool Equals(byte[]? left, byte[]? right) => left.AsSpan().SequenceEqual(right);

    public int GetHashCode(byte[] bytes)
    {
        var hash = default(HashCode);
        hash.AddBytes(bytes);
        return hash.ToHashCode();
    }

    public int Compare(byte[]? left, byte[]? right) => left.AsSpan().SequenceCompareTo(right);
}
