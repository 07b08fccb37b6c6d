using Kappa.Log;
using Kappa.Tables;

namespace Kappa.Streams.Tests;

/// <summary>
/// A store whose commits fail now and then, before they were kept or after: the caller cannot know which.
/// </summary>
internal sealed class BreakingStore(ITableStore inner, int seed) : ITableStore
{
    private readonly Random _random = new(seed);
    private int _rolls;

    public bool IsExact => inner.IsExact;

    public int Broken { get; private set; }

    public async ValueTask<ITableWriter> OpenAsync(
        JobVersion version, IReadOnlyList<TableSchema> tables, long epoch, CancellationToken cancel) =>
        new Writer(this, await inner.OpenAsync(version, tables, epoch, cancel));

    public ValueTask<ITableSnapshot> ReadAsync(JobVersion version, CancellationToken cancel) =>
        inner.ReadAsync(version, cancel);

    public ValueTask PointAsync(IReadOnlyList<JobVersion> live, CancellationToken cancel) =>
        inner.PointAsync(live, cancel);

    public ValueTask DropAsync(JobVersion version, CancellationToken cancel) => inner.DropAsync(version, cancel);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private int Roll()
    {
        lock (_random)
        {
            // The first two commits break, one of each kind: how many more there are, a run decides.
            return _rolls < 2 ? _rolls++ : _random.Next(6);
        }
    }

    private sealed class Writer(BreakingStore store, ITableWriter inner) : ITableWriter
    {
        public Place Committed => inner.Committed;

        public async ValueTask CommitAsync(TableChanges changes, Place place, CancellationToken cancel)
        {
            var roll = store.Roll();
            if (roll != 0)
            {
                await inner.CommitAsync(changes, place, cancel);
            }

            if (roll < 2)
            {
                store.Broken++;
                throw new KappaException(ErrorKind.Unavailable, "The disk is full.", "Free some space.");
            }
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
