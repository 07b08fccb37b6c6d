using System.Numerics;
using System.Runtime.InteropServices;

namespace Kappa.Log;

/// <summary>CRC-32C (Castagnoli), the checksum of every durable byte of the log.</summary>
public static class Crc32C
{
    /// <summary>The checksum of some bytes; "123456789" gives 0xE3069283.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes) => Continue(0, bytes);

    /// <summary>
    /// The checksum of a text whose first part has the checksum <paramref name="crc"/> and whose rest is given.
    /// </summary>
    public static uint Continue(uint crc, ReadOnlySpan<byte> bytes)
    {
        var state = ~crc;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes))
        {
            state = BitOperations.Crc32C(state, word);
        }

        foreach (var b in bytes[(bytes.Length & ~7)..])
        {
            state = BitOperations.Crc32C(state, b);
        }

        return ~state;
    }
}
