using Kappa.Tables;

namespace Kappa.Server.Backups;

/// <summary>The checksums of all tables of a version at one place.</summary>
internal static class TableChecksums
{
    /// <summary>By table, in order of name, the SHA-256 of its canonical export.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> OfAsync(
        ITableSnapshot snapshot, CancellationToken cancel)
    {
        var checksums = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var table in snapshot.Tables)
        {
            checksums[table.Name] = await CanonicalExport.ChecksumAsync(snapshot, table.Name, cancel);
        }

        return checksums;
    }
}
