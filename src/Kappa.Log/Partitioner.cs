using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Kappa.Log;

/// <summary>Which partition a record goes to: as Kafka's Java client for keys.</summary>
public static class Partitioner
{
    /// <summary>The partition of a key: <c>toPositive(murmur2(key)) % partitions</c>.</summary>
    /// <param name="key">The key's bytes.</param>
    /// <param name="partitions">How many partitions the topic has, at least 1.</param>
    public static int OfKey(ReadOnlySpan<byte> key, int partitions) => (Murmur2(key) & int.MaxValue) % partitions;

    /// <summary>
    /// The partition of all keyless records of a numbered request: that of the key <c>producer:number</c>.
    /// </summary>
    /// <param name="producer">The producer's name.</param>
    /// <param name="number">The request's number.</param>
    /// <param name="partitions">How many partitions the topic has, at least 1.</param>
    public static int OfRequest(string producer, long number, int partitions) => OfKey(
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{producer}:{number}")), partitions);

    /// <summary>The 32-bit murmur2 hash with the seed of Kafka's Java client.</summary>
    /// <param name="bytes">The bytes hashed.</param>
    public static int Murmur2(ReadOnlySpan<byte> bytes)
    {
        const uint Mixer = 0x5bd1e995;
        var hash = 0x9747b28c ^ (uint)bytes.Length;
        while (bytes.Length >= 4)
        {
            var k = BinaryPrimitives.ReadUInt32LittleEndian(bytes) * Mixer;
            k ^= k >> 24;
            hash = (hash * Mixer) ^ (k * Mixer);
            bytes = bytes[4..];
        }

        if (bytes.Length > 0)
        {
            for (var i = bytes.Length - 1; i >= 0; i--)
            {
                hash ^= (uint)bytes[i] << (8 * i);
            }

            hash *= Mixer;
        }

        hash ^= hash >> 13;
        hash *= Mixer;
        return (int)(hash ^ (hash >> 15));
    }
}
