using System.Buffers.Binary;
using System.Numerics;

namespace Kappa.Streams.Aggregates;

/// <summary>
/// XXH64 with seed 0 (Yann Collet): the same on each machine and in each release, so it may be part of a result.
/// </summary>
internal static class Hash64
{
    private const ulong First = 0x9E3779B185EBCA87;
    private const ulong Second = 0xC2B2AE3D27D4EB4F;
    private const ulong Third = 0x165667B19E3779F9;
    private const ulong Fourth = 0x85EBCA77C2B2AE63;
    private const ulong Fifth = 0x27D4EB2F165667C5;

    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        var length = (ulong)bytes.Length;
        var hash = bytes.Length >= 32 ? Lanes(ref bytes) : Fifth;
        hash += length;
        while (bytes.Length >= 8)
        {
            hash ^= Round(0, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            hash = (BitOperations.RotateLeft(hash, 27) * First) + Fourth;
            bytes = bytes[8..];
        }

        if (bytes.Length >= 4)
        {
            hash ^= BinaryPrimitives.ReadUInt32LittleEndian(bytes) * First;
            hash = (BitOperations.RotateLeft(hash, 23) * Second) + Third;
            bytes = bytes[4..];
        }

        foreach (var one in bytes)
        {
            hash ^= one * Fifth;
            hash = BitOperations.RotateLeft(hash, 11) * First;
        }

        hash = (hash ^ (hash >> 33)) * Second;
        hash = (hash ^ (hash >> 29)) * Third;
        return hash ^ (hash >> 32);
    }

    private static ulong Lanes(ref ReadOnlySpan<byte> bytes)
    {
        Span<ulong> lanes = [unchecked(First + Second), Second, 0, unchecked(0 - First)];
        while (bytes.Length >= 32)
        {
            for (var i = 0; i < 4; i++)
            {
                lanes[i] = Round(lanes[i], BinaryPrimitives.ReadUInt64LittleEndian(bytes[(8 * i)..]));
            }

            bytes = bytes[32..];
        }

        var hash = BitOperations.RotateLeft(lanes[0], 1) + BitOperations.RotateLeft(lanes[1], 7)
            + BitOperations.RotateLeft(lanes[2], 12) + BitOperations.RotateLeft(lanes[3], 18);
        foreach (var lane in lanes)
        {
            hash = ((hash ^ Round(0, lane)) * First) + Fourth;
        }

        return hash;
    }

    private static ulong Round(ulong lane, ulong input) =>
        BitOperations.RotateLeft(lane + (input * Second), 31) * First;
}
