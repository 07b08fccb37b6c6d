using Kappa.Log;
using Kappa.Tables.Loop;
using Kappa.Tables.Sqlite;

namespace Kappa.Tables.Tests;

/// <summary>A log, a store, versions and a journal: what the verbs need. Reopening is what a kill -9 leaves.</summary>
internal sealed class Loops : IDisposable
{
    public static readonly DateTimeOffset Deadline = new(2026, 1, 2, 0, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();

    private Loops()
    {
        Store = new SqliteStore(_folder.Path, Disk);
        Versions = new FakeVersions(Store, () => Journal);
    }

    public PlainDisk Disk { get; } = new();

    public MemoryLog Log { get; } = new();

    public ManualTime Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public SqliteStore Store { get; private set; }

    public FakeVersions Versions { get; private set; }

    public Journal Journal { get; private set; } = null!;

    public Catalog Catalog => Journal.Catalog;

    public Reprocess Reprocess => new(Journal, Versions, Store, Time);

    public Switch Switch => new(Journal, Versions, Store, Time);

    public Rollback Rollback => new(Journal, Versions, Store, Time);

    public Drop Drop => new(Journal, Versions, Store, Time);

    public Diff Diff => new(Journal, Versions, Store, Time);

    public Soak Soak => new(Journal, Versions, Store, Time);

    public Reconciliation Reconciliation => new(Journal, Versions, Store, Time);

    public static JobVersion V(int number, string job = "orders") => new(job, number);

    public static VersionMade Made(int number, string job = "orders", params TableSchema[] tables) => new(
        V(number, job), "artifact", "print" + number, tables.Length > 0 ? tables : [Table(job + "-totals")], ["events"],
        new Dictionary<string, string>(), Place.Start);

    public static TableSchema Table(string name) => new(
        name, [new Column("id", ColumnType.Integer)],
        [new Column("total", ColumnType.Decimal), new Column("note", ColumnType.Text)]);

    public static async Task<Loops> OpenAsync()
    {
        var loops = new Loops();
        loops.Journal = await Journal.OpenAsync(loops.Log, default);
        return loops;
    }

    /// <summary>A job with the first version live and, if asked, the second one ready.</summary>
    public static async Task<Loops> WithVersionsAsync(int count, string job = "orders")
    {
        var loops = await OpenAsync();
        for (var i = 1; i <= count; i++)
        {
            await loops.ReadyAsync(i, job);
        }

        return loops;
    }

    public async Task ReadyAsync(int number, string job = "orders")
    {
        await Reprocess.RunAsync(Made(number, job), default);
        await Versions.AdvanceAsync(V(number, job), Log.End);
        await Journal.AppendAsync(new VersionReady(V(number, job), Log.End), default);
    }

    /// <summary>A new process over the same log and the same files.</summary>
    public async Task ReopenAsync()
    {
        Log.Before = Log.After = () => { };
        Disk.Before = _ => { };
        await Store.DisposeAsync();
        Store = new SqliteStore(_folder.Path, Disk);
        var old = Versions;
        Versions = new FakeVersions(Store, () => Journal);
        foreach (var (version, output) in old.Output)
        {
            Versions.Output[version] = output;
        }

        Journal.Dispose();
        Journal = await Journal.OpenAsync(Log, default);
    }

    public bool HasFile(JobVersion version) => File.Exists(Path.Combine(_folder.Path, version + ".db"));

    public IReadOnlyList<string> Files => Disk.List(_folder.Path);

    public void Dispose()
    {
        Store.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Journal.Dispose();
        _folder.Dispose();
    }
}
