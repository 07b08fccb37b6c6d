using System.Buffers;
using System.Security.Cryptography;

namespace Kappa.Tables;

/// <summary>
/// The canonical form of a table (docs/formats/export.md): UTF-8 lines of JSON, a header with the columns and their
/// types, then the rows in order of key bytes. It names neither version nor place, so that equal tables have equal
/// bytes (promise P2); its SHA-256 is the table's checksum.
/// </summary>
public static class CanonicalExport
{
    private const int FlushBytes = 64 << 10;

    /// <summary>Writes a table and returns the SHA-256 of what was written, in lower-case hexadecimal.</summary>
    /// <exception cref="Kappa.Log.KappaException">The snapshot has no such table.</exception>
    public static async ValueTask<string> WriteAsync(
        ITableSnapshot snapshot, string table, System.IO.Stream into, CancellationToken cancel)
    {
        var schema = Find(snapshot, table);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new ArrayBufferWriter<byte>(FlushBytes + 4096);
        CanonicalRow.Header(schema, buffer);
        await foreach (var row in snapshot.RowsAsync(table, KeyRange.All, cancel).ConfigureAwait(false))
        {
            CanonicalRow.Write(schema, row, buffer);
            if (buffer.WrittenCount >= FlushBytes)
            {
                await FlushAsync().ConfigureAwait(false);
            }
        }

        await FlushAsync().ConfigureAwait(false);
        await into.FlushAsync(cancel).ConfigureAwait(false);
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        async ValueTask FlushAsync()
        {
            hash.AppendData(buffer.WrittenSpan);
            await into.WriteAsync(buffer.WrittenMemory, cancel).ConfigureAwait(false);
            buffer.ResetWrittenCount();
        }
    }

    /// <summary>The checksum of a table: the SHA-256 of its canonical form, in lower-case hexadecimal.</summary>
    /// <exception cref="Kappa.Log.KappaException">The snapshot has no such table.</exception>
    public static ValueTask<string> ChecksumAsync(ITableSnapshot snapshot, string table, CancellationToken cancel) =>
        WriteAsync(snapshot, table, System.IO.Stream.Null, cancel);

    internal static TableSchema Find(ITableSnapshot snapshot, string table) =>
        snapshot.Tables.FirstOrDefault(t => t.Name == table)
        ?? throw new Kappa.Log.KappaException(
            Kappa.Log.ErrorKind.NotFound, $"{snapshot.Version} has no table '{table}'.",
            $"Its tables are: {string.Join(", ", snapshot.Tables.Select(t => t.Name))}.");
}
