using Kappa.Log;
using Kappa.Tables;

namespace Kappa.Streams.Tests;

/// <summary>A store that passes everything on; what is done otherwise, a test says at the commit.</summary>
internal abstract class PassingStore(ITableStore inner) : ITableStore
{
    public ITableStore Inner => inner;

    public bool IsExact => inner.IsExact;

    public async ValueTask<ITableWriter> OpenAsync(
        JobVersion version, IReadOnlyList<TableSchema> tables, long epoch, CancellationToken cancel) =>
        new Writer(this, await inner.OpenAsync(version, tables, epoch, cancel));

    public ValueTask<ITableSnapshot> ReadAsync(JobVersion version, CancellationToken cancel) =>
        inner.ReadAsync(version, cancel);

    public ValueTask PointAsync(IReadOnlyList<JobVersion> live, CancellationToken cancel) =>
        inner.PointAsync(live, cancel);

    public ValueTask DropAsync(JobVersion version, CancellationToken cancel) => inner.DropAsync(version, cancel);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    /// <summary>A commit; <paramref name="keep"/> does it.</summary>
    protected abstract ValueTask CommitAsync(Func<ValueTask> keep);

    protected static KappaException Full() => new(ErrorKind.Unavailable, "The disk is full.", "Free some space.");

    private sealed class Writer(PassingStore store, ITableWriter inner) : ITableWriter
    {
        public Place Committed => inner.Committed;

        public ValueTask CommitAsync(TableChanges changes, Place place, CancellationToken cancel) =>
            store.CommitAsync(() => inner.CommitAsync(changes, place, cancel));

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
