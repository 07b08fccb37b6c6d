using Kappa.Tables;

namespace Kappa.Simulation;

/// <summary>
/// The store as one process reaches it: now and then a commit fails, kept or not, and the caller cannot know which; a
/// dead process reaches nothing.
/// </summary>
internal sealed class StoreClient(SimulatedStore store, Machine machine, Random random, string? plant) : ITableStore
{
    private const int OneIn = 30;

    private readonly int _life = store.NextLife();

    /// <summary>Dies at the next commit: before it, inside it, or behind it.</summary>
    public bool DiesAtCommit { get; set; }

    public ValueTask<ITableWriter> OpenAsync(
        JobVersion version, IReadOnlyList<TableSchema> tables, long epoch, CancellationToken cancel)
    {
        machine.CheckAlive();
        epoch = plant == Plants.ZombieReopens ? store.NextEpoch(version) : epoch;
        var committed = store.Open(version, tables, epoch, _life);
        return new(new Writer(this, version, epoch, plant == Plants.MuteNotMute ? Place.Start : committed));
    }

    public ValueTask<ITableSnapshot> ReadAsync(JobVersion version, CancellationToken cancel)
    {
        machine.CheckAlive();
        return new(store.Read(version));
    }

    public ValueTask PointAsync(IReadOnlyList<JobVersion> live, CancellationToken cancel) => ValueTask.CompletedTask;

    public ValueTask DropAsync(JobVersion version, CancellationToken cancel) => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Commit(JobVersion version, long epoch, TableChanges changes, Place place)
    {
        machine.CheckAlive();
        var moment = DiesAtCommit ? random.Next(3) : -1;
        var trouble = random.Next(OneIn);
        if (moment == 0)
        {
            machine.Die();
        }

        if (moment == 0 || trouble == 0)
        {
            throw Unanswered();
        }

        try
        {
            store.Commit(version, epoch, changes, place, () =>
            {
                if (moment == 1)
                {
                    machine.Die();
                    throw Unanswered();
                }
            });
        }
        catch (FencedException) when (plant == Plants.ZombieReopens)
        {
            // This is the plant: who was shut out takes it for trouble that passes.
            throw Unanswered();
        }

        if (moment > 0)
        {
            machine.Die();
        }

        if (moment > 0 || trouble == 1)
        {
            throw Unanswered();
        }
    }

    private static KappaException Unanswered() =>
        new(ErrorKind.Unavailable, "The store did not answer.", "Try again.");

    private sealed class Writer(StoreClient client, JobVersion version, long epoch, Place committed) : ITableWriter
    {
        public Place Committed { get; private set; } = committed;

        public ValueTask CommitAsync(TableChanges changes, Place place, CancellationToken cancel)
        {
            client.Commit(version, epoch, changes, place);
            Committed = place;
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
