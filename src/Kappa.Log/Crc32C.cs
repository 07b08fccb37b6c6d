using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Kappa.Log;

/// <summary>CRC-32C (Castagnoli), the checksum of every durable byte of the log.</summary>
public static class Crc32C
{
    private const int Lane = 1024;

    private static readonly uint[] Zeros = MakeZeros();

    /// <summary>The checksum of some bytes; "123456789" gives 0xE3069283.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes) => Continue(0, bytes);

    /// <summary>
    /// The checksum of a text whose first part has the checksum <paramref name="crc"/> and whose rest is given.
    /// </summary>
    public static uint Continue(uint crc, ReadOnlySpan<byte> bytes)
    {
        var state = ~crc;
        if (Sse42.X64.IsSupported)
        {
            for (; bytes.Length >= 3 * Lane; bytes = bytes[(3 * Lane)..])
            {
                state = ThreeLanes(state, bytes);
            }
        }

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

    /// <summary>
    /// The processor can begin a step of the checksum in each cycle but needs three to end it: three stretches are
    /// taken at once, and their states put together by what so many zero bytes do to a state.
    /// </summary>
    private static uint ThreeLanes(uint state, ReadOnlySpan<byte> bytes)
    {
        ref var first = ref MemoryMarshal.GetReference(bytes);
        ulong one = state, two = 0, three = 0;
        for (nuint at = 0; at < Lane; at += 8)
        {
            one = Sse42.X64.Crc32(one, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, at)));
            two = Sse42.X64.Crc32(two, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, at + Lane)));
            three = Sse42.X64.Crc32(three, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, at + (2 * Lane))));
        }

        return Behind(Behind((uint)one) ^ (uint)two) ^ (uint)three;
    }

    /// <summary>A state behind a lane of zeros: linear in its bits, so four tables of 256 do.</summary>
    private static uint Behind(uint state) =>
        Zeros[state & 0xFF] ^ Zeros[256 + ((state >> 8) & 0xFF)] ^ Zeros[512 + ((state >> 16) & 0xFF)]
        ^ Zeros[768 + (state >> 24)];

    private static uint[] MakeZeros()
    {
        var made = new uint[1024];
        for (var i = 0; i < made.Length; i++)
        {
            var state = (uint)(i & 0xFF) << (i >> 8 << 3);
            for (var at = 0; at < Lane; at += 8)
            {
                state = BitOperations.Crc32C(state, 0UL);
            }

            made[i] = state;
        }

        return made;
    }
}
