namespace Kappa.Log;

/// <summary>
/// Where the committer puts a partition's part of a group together: one for all partitions, used again for each group,
/// because fresh memory costs more than what is written into it.
/// </summary>
internal sealed class GroupBuffer
{
    private const int LengthMin = 64 << 10;
    private const int KeptMax = 16 << 20;
    private byte[] _bytes = [];

    /// <summary>So many bytes, whatever is in them; until it is asked again.</summary>
    public Span<byte> Of(long length)
    {
        if (_bytes.Length < length || (_bytes.Length > KeptMax && length <= KeptMax))
        {
            var rounded = System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)Math.Max(length, LengthMin));
            _bytes = GC.AllocateUninitializedArray<byte>((int)Math.Min(rounded, (ulong)Math.Max(length, KeptMax)));
        }

        return _bytes.AsSpan(0, (int)length);
    }
}
