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

    /// <summary>What is stored, whatever becomes of this process.</summary>
    public MemorySnapshot Read(JobVersion version) => store.Read(version);

    public ValueTask PointAsync(IReadOnlyList<JobVersion> live, CancellationToken cancel) =>
        AskAsync(() => store.Point(live));

    public ValueTask DropAsync(JobVersion version, CancellationToken cancel) => AskAsync(() => store.Drop(version));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>A request that may fail before it was done, or behind it.</summary>
    private ValueTask AskAsync(Action act)
    {
        machine.CheckAlive();
        int trouble;
        lock (random)
        {
            trouble = random.Next(OneIn);
        }

        if (trouble != 0)
        {
            act();
        }

        return trouble > 1 ? ValueTask.CompletedTask : throw Unanswered();
    }

    private void Commit(JobVersion version, long epoch, TableChanges changes, Place place)
    {
        machine.CheckAlive();
        int moment, trouble;
        lock (random)
        {
            moment = DiesAtCommit ? random.Next(3) : -1;
            trouble = random.Next(OneIn);
        }

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
