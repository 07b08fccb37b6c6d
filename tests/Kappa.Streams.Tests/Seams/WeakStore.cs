using Kappa.Log;
using Kappa.Tables;

namespace Kappa.Streams.Tests.Seams;

/// <summary>
/// A store that promises no more than a wide-column database: a write puts one full row, versioned by place; the higher
/// place stays. There is no transaction. A write may fail though it was applied, or be applied long after its error;
/// each is tried again, and a commit that gives up leaves what it wrote so far. The place is a row like any other,
/// written last. A higher epoch shuts out lower ones (rule C4), but not what they have under way.
/// </summary>
internal sealed class WeakStore(int seed) : ITableStore
{
    private const int Tries = 3;

    private readonly Lock _lock = new();
    private readonly Random _random = new(seed);
    private readonly Dictionary<JobVersion, Stored> _versions = [];
    private readonly List<Action> _underWay = [];
    private int _oneIn;

    private sealed class Stored(IReadOnlyList<TableSchema> tables)
    {
        public IReadOnlyList<TableSchema> Tables { get; } = tables;

        public long Epoch { get; set; } = long.MinValue;

        public Place Place { get; set; } = Place.Start;

        public Dictionary<(int Table, string Key), (Place Place, byte[] Key, byte[]? Row)> Rows { get; } = [];
    }

    public bool IsExact => false;

    /// <summary>How many commits left some of their rows and no place.</summary>
    public int Torn { get; private set; }

    /// <summary>How many writes were applied after their writer had given them up.</summary>
    public int Belated { get; private set; }

    /// <summary>How many writes came after one of a higher place, and so changed nothing.</summary>
    public int Outrun { get; private set; }

    public ValueTask<ITableWriter> OpenAsync(
        JobVersion version, IReadOnlyList<TableSchema> tables, long epoch, CancellationToken cancel)
    {
        lock (_lock)
        {
            if (!_versions.TryGetValue(version, out var stored))
            {
                _versions.Add(version, stored = new Stored(tables));
            }

            Fence(stored, epoch);
            stored.Epoch = epoch;
            return new(new Writer(this, stored, epoch, stored.Place));
        }
    }

    public ValueTask<ITableSnapshot> ReadAsync(JobVersion version, CancellationToken cancel)
    {
        lock (_lock)
        {
            if (!_versions.TryGetValue(version, out var stored))
            {
                throw new KappaException(ErrorKind.NotFound, $"There is no {version}.", "Make it.");
            }

            return new(new Snapshot(version, stored.Place, stored.Tables, [.. stored.Rows
                .Where(pair => pair.Value.Row is not null)
                .GroupBy(pair => pair.Key.Table)
                .Select(group => (stored.Tables[group.Key].Name, Rows: group
                    .OrderBy(pair => pair.Key.Key, StringComparer.Ordinal)
                    .Select(pair => new TableRow(pair.Value.Key, pair.Value.Row)).ToList()))]));
        }
    }

    public ValueTask PointAsync(IReadOnlyList<JobVersion> live, CancellationToken cancel) => ValueTask.CompletedTask;

    public ValueTask DropAsync(JobVersion version, CancellationToken cancel)
    {
        lock (_lock)
        {
            _versions.Remove(version);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Everything under way arrives.</summary>
    public void Settle()
    {
        lock (_lock)
        {
            _underWay.ForEach(write => write());
            _underWay.Clear();
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static void Fence(Stored stored, long epoch)
    {
        if (stored.Epoch > epoch)
        {
            throw new FencedException(new JobVersion("weak", 1), epoch, stored.Epoch);
        }
    }

    private void Commit(Stored stored, long epoch, TableChanges changes, Place place)
    {
        // All rows of a commit have one place, so of several changes of a key only the last may be written: else one
        // that arrives late would win.
        var last = new Dictionary<(int Table, string Key), (byte[] Key, byte[]? Row)>();
        for (var i = 0; i < changes.Count; i++)
        {
            var change = changes[i];
            last[(change.Table, Convert.ToHexString(change.Key.Span))] = (change.Key.ToArray(), change.Row?.ToArray());
        }

        // Trouble comes now and then, and no more often in a large commit, so that every commit succeeds in the end.
        _oneIn = _random.Next(2) == 0 ? 0 : Math.Max(10, last.Count / 2);
        var written = 0;
        foreach (var ((table, _), (key, row)) in last)
        {
            try
            {
                Write(stored, epoch, () => Put(stored, table, key, row, place));
                written++;
            }
            catch (KappaException)
            {
                Torn += written > 0 ? 1 : 0;
                throw;
            }
        }

        Write(stored, epoch, () => stored.Place = stored.Place > place ? stored.Place : place);
    }

    private void Put(Stored stored, int table, byte[] key, byte[]? row, Place place)
    {
        var name = (table, Convert.ToHexString(key));
        if (stored.Rows.TryGetValue(name, out var known) && known.Place > place)
        {
            Outrun++;
            return;
        }

        stored.Rows[name] = (place, key, row);
    }

    private void Write(Stored stored, long epoch, Action write)
    {
        Fence(stored, epoch);
        for (var tries = 1; ; tries++)
        {
            switch (_oneIn == 0 ? 3 : _random.Next(_oneIn))
            {
                case 0:
                    break;
                case 1:
                    write();
                    break;
                case 2:
                    _underWay.Add(() =>
                    {
                        Belated++;
                        write();
                    });
                    break;
                default:
                    write();
                    Arrive();
                    return;
            }

            // It is not known what became of it: it is idempotent, so it is tried again.
            if (tries == Tries || _random.Next(4) == 0)
            {
                throw new KappaException(ErrorKind.Unavailable, "The store did not answer.", "Try again.");
            }
        }
    }

    private void Arrive()
    {
        if (_underWay.Count > 0 && _random.Next(40) == 0)
        {
            var at = _random.Next(_underWay.Count);
            _underWay[at]();
            _underWay.RemoveAt(at);
        }
    }

    private sealed class Writer(WeakStore store, Stored stored, long epoch, Place committed) : ITableWriter
    {
        public Place Committed { get; private set; } = committed;

        public ValueTask CommitAsync(TableChanges changes, Place place, CancellationToken cancel)
        {
            lock (store._lock)
            {
                store.Commit(stored, epoch, changes, place);
                Committed = place;
                return ValueTask.CompletedTask;
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Snapshot(
        JobVersion version, Place place, IReadOnlyList<TableSchema> tables,
        List<(string Table, List<TableRow> Rows)> rows) : ITableSnapshot
    {
        public JobVersion Version => version;

        public Place Place => place;

        public IReadOnlyList<TableSchema> Tables => tables;

        public async IAsyncEnumerable<TableRow> RowsAsync(
            string table, KeyRange range,
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
        {
            await Task.CompletedTask;
            foreach (var row in Of(table).Where(row => row.Key.Span.SequenceCompareTo(range.From.Span) >= 0
                && (range.To is not { } to || row.Key.Span.SequenceCompareTo(to.Span) < 0)))
            {
                yield return row;
            }
        }

        public ValueTask<TableRow?> FindAsync(string table, ReadOnlyMemory<byte> key, CancellationToken cancel) =>
            new(Of(table).Where(row => row.Key.Span.SequenceEqual(key.Span)).Cast<TableRow?>().FirstOrDefault());

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private IEnumerable<TableRow> Of(string table) => rows.FirstOrDefault(of => of.Table == table).Rows ?? [];
    }
}
