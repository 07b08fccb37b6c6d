using Kappa.Log;

namespace Kappa.Tables;

/// <summary>
/// Where tables live. A store that promises table = f(prefix) at every instant commits rows and place in one
/// transaction; a weaker one converges to it and says so (rule C4).
/// </summary>
public interface ITableStore : IAsyncDisposable
{
    /// <summary>
    /// Do a version's rows always belong to its place? Default true. False: the store converges (rule C4), and after a
    /// commit that was cut short some rows are ahead of the place until the version has come there again.
    /// </summary>
    bool IsExact => true;

    /// <summary>
    /// Opens a version's tables for writing, creates what is missing and fences writers of lower epochs.
    /// </summary>
    /// <exception cref="FencedException">A writer of a higher epoch exists (rule C4).</exception>
    /// <exception cref="KappaException">The stored tables have another shape.</exception>
    ValueTask<ITableWriter> OpenAsync(
        JobVersion version, IReadOnlyList<TableSchema> tables, long epoch, CancellationToken cancel);

    /// <summary>One state of a version's tables, at one place, unmoved by later commits until disposed.</summary>
    /// <exception cref="KappaException">There is no such version.</exception>
    ValueTask<ITableSnapshot> ReadAsync(JobVersion version, CancellationToken cancel);

    /// <summary>Tells the store which versions readers see: views, aliases. Idempotent.</summary>
    ValueTask PointAsync(IReadOnlyList<JobVersion> live, CancellationToken cancel);

    /// <summary>Removes a version's tables for ever. Idempotent, also after a crash in the middle of it.</summary>
    ValueTask DropAsync(JobVersion version, CancellationToken cancel);
}

/// <summary>The one writer of a version's tables.</summary>
public interface ITableWriter : IAsyncDisposable
{
    /// <summary>The place up to which rows are stored; <see cref="Place.Start"/> for new tables.</summary>
    Place Committed { get; }

    /// <summary>Stores changes and the place behind which nothing is stored yet, in one transaction.</summary>
    /// <exception cref="KappaException">Another writer has taken over (rule C4), or the store failed.</exception>
    ValueTask CommitAsync(TableChanges changes, Place place, CancellationToken cancel);
}

/// <summary>One state of a version's tables.</summary>
public interface ITableSnapshot : IAsyncDisposable
{
    /// <summary>The version read.</summary>
    JobVersion Version { get; }

    /// <summary>The place of this state.</summary>
    Place Place { get; }

    /// <summary>The tables, in the version's order.</summary>
    IReadOnlyList<TableSchema> Tables { get; }

    /// <summary>
    /// Rows in order of key bytes, from a key (inclusive; empty: the first) to a key (exclusive; null: the last).
    /// </summary>
    IAsyncEnumerable<TableRow> RowsAsync(string table, KeyRange range, CancellationToken cancel);

    /// <summary>The row of a key, if there is one.</summary>
    ValueTask<TableRow?> FindAsync(string table, ReadOnlyMemory<byte> key, CancellationToken cancel);
}

/// <summary>A range of key bytes.</summary>
/// <param name="From">First key, inclusive; empty: from the first row.</param>
/// <param name="To">End, exclusive; null: to the last row.</param>
public readonly record struct KeyRange(ReadOnlyMemory<byte> From, ReadOnlyMemory<byte>? To)
{
    /// <summary>Every row.</summary>
    public static KeyRange All => default;

    /// <summary>Every row whose key bytes begin with these.</summary>
    public static KeyRange Prefix(ReadOnlyMemory<byte> prefix)
    {
        var end = prefix.ToArray();
        for (var i = end.Length - 1; i >= 0; i--)
        {
            if (end[i]++ != 0xFF)
            {
                return new KeyRange(prefix, end.AsMemory(0, i + 1));
            }
        }

        return new KeyRange(prefix, null);
    }
}

/// <summary>A row as bytes; <see cref="RowReader"/> makes values of them.</summary>
/// <param name="Key">Key bytes.</param>
/// <param name="Row">Row bytes.</param>
public readonly record struct TableRow(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Row);
