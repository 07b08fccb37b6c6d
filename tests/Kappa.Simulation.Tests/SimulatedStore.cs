using Kappa.Tables;

namespace Kappa.Simulation;

/// <summary>
/// A database of its own that outlives every process: a commit happens at once or not at all, a higher epoch shuts out
/// lower ones (rule C4). Plants break one of these promises.
/// </summary>
internal sealed class SimulatedStore(string? plant)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<JobVersion, Stored> _versions = [];
    private readonly Dictionary<string, JobVersion> _pointed = [];
    private int _lives;

    private sealed class Stored(IReadOnlyList<TableSchema> tables)
    {
        public IReadOnlyList<TableSchema> Tables { get; } = tables;

        public long Epoch { get; set; } = long.MinValue;

        public int TakenBy { get; set; }

        public Place Place { get; set; } = Place.Start;

        public SortedDictionary<(int Table, string Key), (byte[] Key, byte[] Row)> Rows { get; set; } = new(
            Comparer<(int Table, string Key)>.Create((left, right) => left.Table != right.Table
                ? left.Table.CompareTo(right.Table)
                : string.CompareOrdinal(left.Key, right.Key)));

        public (Place Place, List<KeyValuePair<(int, string), (byte[], byte[])>> Rows)? Kept { get; set; }
    }

    /// <summary>An epoch above all others.</summary>
    public long NextEpoch(JobVersion version)
    {
        lock (_lock)
        {
            return _versions.TryGetValue(version, out var stored) ? stored.Epoch + 1 : 0;
        }
    }

    /// <summary>That an older process took over from a newer one (rule C4); null where none did.</summary>
    public string? Wrong { get; private set; }

    /// <summary>A number for the next process; later ones are higher.</summary>
    public int NextLife() => Interlocked.Increment(ref _lives);

    public Place Open(JobVersion version, IReadOnlyList<TableSchema> tables, long epoch, int life)
    {
        lock (_lock)
        {
            if (!_versions.TryGetValue(version, out var stored))
            {
                _versions.Add(version, stored = new Stored(tables));
            }

            Fence(stored, epoch);
            stored.Epoch = epoch;
            Wrong = life < stored.TakenBy ? $"process {life} took {version} over from its successor" : Wrong;
            stored.TakenBy = life;
            return stored.Place;
        }
    }

    /// <summary>Commits; <paramref name="between"/> is asked where a plant has taken the commit apart.</summary>
    public void Commit(JobVersion version, long epoch, TableChanges changes, Place place, Action between)
    {
        lock (_lock)
        {
            var stored = _versions.GetValueOrDefault(version) ?? throw new KappaException(
                ErrorKind.NotFound, $"There is no {version} any more.", "Stop.");
            Fence(stored, epoch);
            if (plant == Plants.CommitNotKept)
            {
                stored.Kept = (stored.Place, [.. stored.Rows]);
            }

            if (plant == Plants.CommitBeforeRows)
            {
                stored.Place = place;
                between();
            }

            for (var i = 0; i < changes.Count; i++)
            {
                Apply(stored, changes[i]);
            }

            if (plant == Plants.RowsBeforeCommit)
            {
                between();
            }

            stored.Place = place;
        }
    }

    /// <summary>Power goes: what a plant did not keep is lost.</summary>
    public void Crash()
    {
        lock (_lock)
        {
            foreach (var stored in _versions.Values.Where(stored => stored.Kept is not null))
            {
                stored.Place = stored.Kept!.Value.Place;
                stored.Rows.Clear();
                stored.Kept.Value.Rows.ForEach(row => stored.Rows.Add(row.Key, row.Value));
                stored.Kept = null;
            }
        }
    }

    /// <summary>Where readers of a job are pointed; null: nowhere.</summary>
    public JobVersion? PointedAt(string job)
    {
        lock (_lock)
        {
            return _pointed.GetValueOrDefault(job);
        }
    }

    public void Point(IEnumerable<JobVersion> live)
    {
        lock (_lock)
        {
            foreach (var version in live.Where(one => plant != Plants.PointerStays || !_pointed.ContainsKey(one.Job)))
            {
                _pointed[version.Job] = version;
            }
        }
    }

    /// <summary>Deletes a version; a writer that opens it again makes it anew, as a file would be.</summary>
    public void Drop(JobVersion version)
    {
        lock (_lock)
        {
            if (plant != Plants.DropLeavesTables)
            {
                _versions.Remove(version);
            }
        }
    }

    public bool Has(JobVersion version)
    {
        lock (_lock)
        {
            return _versions.ContainsKey(version);
        }
    }

    public MemorySnapshot Read(JobVersion version)
    {
        lock (_lock)
        {
            return _versions.TryGetValue(version, out var stored)
                ? new MemorySnapshot(version, stored.Place, stored.Tables, [.. stored.Rows.Select(
                    row => (row.Key.Table, new TableRow(row.Value.Key, row.Value.Row)))])
                : throw new KappaException(ErrorKind.NotFound, $"There is no {version}.", "Make it.");
        }
    }

    private void Apply(Stored stored, TableChange change)
    {
        var name = (change.Table, Convert.ToHexString(change.Key.Span));
        if (change.Row is { } row)
        {
            stored.Rows[name] = (change.Key.ToArray(), row.ToArray());
        }
        else if (plant != Plants.RemovalsForgotten)
        {
            stored.Rows.Remove(name);
        }
    }

    private void Fence(Stored stored, long epoch)
    {
        if (stored.Epoch > epoch && plant != Plants.EpochIgnored)
        {
            throw new FencedException(new JobVersion("simulated", 1), epoch, stored.Epoch);
        }
    }
}
