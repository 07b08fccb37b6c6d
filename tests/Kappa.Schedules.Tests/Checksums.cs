using System.Globalization;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using Kappa.Streams.Tests;
using Kappa.Testing;

namespace Kappa.Schedules;

/// <summary>
/// A checksum of each golden job's tables over records made from a seed: the same in every process, whatever its
/// culture, time zone, vector width and number of workers (promise P2).
/// </summary>
internal static class Checksums
{
    /// <summary>Where this process is, and what its processor may do.</summary>
    public static string Surroundings => string.Create(
        CultureInfo.InvariantCulture,
        $"{CultureInfo.CurrentCulture.Name} {TimeZoneInfo.Local.GetUtcOffset(DateTimeOffset.UnixEpoch)} ")
        + $"512:{Vector512.IsHardwareAccelerated} avx2:{Avx2.IsSupported} 128:{Vector128.IsHardwareAccelerated}";

    /// <summary>A line for each golden job: its name, the checksum, how many rows there are.</summary>
    public static IReadOnlyList<string> Lines(int records, int seed, int workers)
    {
        var sequence = Sequence.Random(seed, records, partitions: 3, complete: true);
        return
        [
            .. GoldenJobs.All.Select(job =>
                job.Name + " " + Of(new Schedule(seed, workers, 16, 0).Run(job, sequence.Batches))),
        ];
    }

    private static string Of(MemoryTables tables)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var table = 0; table < tables.Schemas.Count; table++)
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(tables.Schemas[table].Name));
            foreach (var row in tables.Rows(table))
            {
                hash.AppendData(row.Key.Span);
                hash.AppendData(row.Row.Span);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset()) + " "
            + tables.RowCount.ToString(CultureInfo.InvariantCulture);
    }
}
