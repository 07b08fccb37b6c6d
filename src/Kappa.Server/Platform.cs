using Kappa.Log;
using Kappa.Server.Backups;
using Kappa.Server.Mirrors;
using Kappa.Server.Programs;
using Kappa.Server.Subscriptions;
using Kappa.Streams.Runtime;
using Kappa.Tables;
using Kappa.Tables.Loop;
using Kappa.Tables.Sqlite;

namespace Kappa.Server;

/// <summary>
/// Everything that runs on one data folder: the log, the tables, the journal, the artifacts, the running versions and
/// the access keys. Opening it finishes what a crash left unfinished (rule V3). One process holds a folder at a time.
/// </summary>
public sealed class Platform : IAsyncDisposable
{
    private readonly Stack<Func<ValueTask>> _closing = new();
    private int _isBackingUp;

    private Platform(PlatformOptions options) => Options = options;

    /// <summary>The version of Kappa, as <c>0.1.0</c>.</summary>
    public static string ProductVersion { get; } = typeof(Platform).Assembly.GetName().Version!.ToString(3);

    /// <summary>How it runs.</summary>
    public PlatformOptions Options { get; }

    /// <summary>Its data folder.</summary>
    public DataFolder Folder { get; private set; } = null!;

    /// <summary>The keys that open its API.</summary>
    public AccessKeys Keys { get; private set; } = null!;

    /// <summary>The log.</summary>
    public ILog Log => Embedded;

    /// <summary>The journal of the loop.</summary>
    public Journal Journal { get; private set; } = null!;

    /// <summary>The tables.</summary>
    public SqliteStore Store { get; private set; } = null!;

    /// <summary>The running versions.</summary>
    public IVersions Versions { get; private set; } = null!;

    /// <summary>The log as what it is, with its projections.</summary>
    internal EmbeddedLog Embedded { get; private set; } = null!;

    /// <summary>Of a topic that cannot be projected, why; null where it can, or no job reads it.</summary>
    internal string? NotProjected(string topic) => ((Versions)Versions).NotProjected(topic);

    /// <summary>The end of some topics now; one that another job has yet to say has none of its own.</summary>
    internal async Task<Place> EndAsync(IReadOnlyList<string> topics)
    {
        var there = Log.Topics.Select(topic => topic.Name).Intersect(topics).ToList();
        await using var sequence = Log.Read(there, Place.Start);
        return sequence.CompleteTo;
    }

    /// <summary>What the folder was restored from, and whether its tables are what they were.</summary>
    internal RestoreCheck RestoreCheck { get; private set; } = null!;

    internal ArtifactStore Artifacts { get; private set; } = null!;

    internal FingerprintStore Fingerprints { get; private set; } = null!;

    internal Deployment Deployment { get; private set; } = null!;

    internal Webhooks Webhooks { get; private set; } = null!;

    internal MirrorRuns Mirrors { get; private set; } = null!;

    internal Retaining Retaining => new(this);

    internal Reprocess Reprocess => new(Journal, Versions, Store, Options.Time);

    internal Diff Diff => new(Journal, Versions, Store, Options.Time);

    internal Switch Switch => new(Journal, Versions, Store, Options.Time);

    internal Rollback Rollback => new(Journal, Versions, Store, Options.Time);

    internal Drop Drop => new(Journal, Versions, Store, Options.Time);

    /// <summary>Opens a platform and starts the versions that shall run.</summary>
    /// <exception cref="KappaException">The folder is held by another process, of another format, or
    /// damaged.</exception>
    public static async Task<Platform> OpenAsync(PlatformOptions options, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        var platform = new Platform(options);
        try
        {
            await platform.OpenAsync(cancel);
            return platform;
        }
        catch
        {
            await platform.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        while (_closing.TryPop(out var close))
        {
            await close();
        }
    }

    /// <summary>Makes a backup while everything goes on; one at a time.</summary>
    /// <param name="into">A whole path; a folder that is missing or without files.</param>
    /// <param name="by">Who asked for it.</param>
    /// <param name="patience">How long is waited for versions that are behind, when everything is copied.</param>
    /// <param name="cancel">Gives up; nothing is left.</param>
    internal async Task<BackupManifest> BackUpAsync(
        string into, string by, TimeSpan patience, CancellationToken cancel)
    {
        if (Interlocked.Exchange(ref _isBackingUp, 1) == 1)
        {
            throw new KappaException(
                ErrorKind.Conflict, "A backup is being made already.", "Wait for it, then ask again.");
        }

        try
        {
            await using var mark = new BackupMark(this, by);
            return await new Backup(Folder, Embedded, Options.Time).RunAsync(into, mark, patience, cancel);
        }
        finally
        {
            Volatile.Write(ref _isBackingUp, 0);
        }
    }

    /// <summary>
    /// What answers say a version is: one that has yet to come to where it was before a restore is incomplete.
    /// </summary>
    internal VersionState StateOf(CatalogVersion version, Place place) =>
        RestoreCheck.IsBehind(version, place) ? VersionState.Reprocessing : version.State;

    /// <summary>A text without the paths of this machine, for answers that leave it (S27).</summary>
    internal string WithoutPaths(string text) => text
        .Replace(Folder.Root + Path.DirectorySeparatorChar, "", StringComparison.Ordinal)
        .Replace(Folder.Root, "the data folder", StringComparison.Ordinal);

    private async Task OpenAsync(CancellationToken cancel)
    {
        Folder = DataFolder.Open(Options.Folder, Options.Files);
        Closing(Folder);
        Keys = AccessKeys.Open(Folder);
        Artifacts = new ArtifactStore(Folder);
        Embedded = await EmbeddedLog.OpenAsync(
            new LogOptions
            {
                Folder = Folder.Log,
                ProjectionFolder = Folder.Projections,
                FetchFolder = Folder.Fetched,
                Files = Options.Files,
                Time = Options.Time,
                SegmentBytesMax = Options.SegmentBytesMax,
            },
            cancel);
        _closing.Push(Log.DisposeAsync);
        // Before anybody reads: what the log has no more comes out of archives.
        Mirrors = new MirrorRuns(Embedded, Folder, Options);
        _closing.Push(Mirrors.DisposeAsync);
        Journal = await Journal.OpenAsync(Log, cancel);
        Closing(Journal);
        await Repairs.NoteAsync(Folder.Log, Options.Files, Journal, cancel);
        Store = new SqliteStore(Folder.Tables, Options.Files, new SqliteStoreOptions { Time = Options.Time });
        _closing.Push(Store.DisposeAsync);
        Fingerprints = new FingerprintStore(Folder);
        Deployment = new Deployment(this);
        Closing(Deployment);
        await StartVersionsAsync(cancel);
    }

    private async Task StartVersionsAsync(CancellationToken cancel)
    {
        var versions = new Versions(
            Log, Journal, Store, new ArtifactJobs(Artifacts),
            new VersionsOptions
            {
                StateFolder = Folder.State,
                Files = Options.Files,
                Time = Options.Time,
                Workers = Options.Workers,
                StateMemory = Options.StateMemory,
                StateKeyLimit = Options.StateKeyLimit,
                Report = Options.Report,
                StoppedAt = RestoredFrom.Read(Options.Files, Folder.Root)?.StoppedAt
                    ?? new Dictionary<JobVersion, Place>(),
            });
        Versions = versions;
        _closing.Push(versions.DisposeAsync);
        _closing.Push(() =>
        {
            // A version that waits for a far archive is told, and ends.
            Embedded.StopFetching();
            return ValueTask.CompletedTask;
        });
        RestoreCheck = await RestoreCheck.StartAsync(this, cancel);
        _closing.Push(RestoreCheck.DisposeAsync);
        await new Reconciliation(Journal, Versions, Store, Options.Time).RunAsync(cancel);
        _closing.Push(new ProjectionWatch(Embedded, versions, Options).DisposeAsync);
        var soak = new SoakWatch(new Soak(Journal, Versions, Store, Options.Time), Options);
        _closing.Push(soak.DisposeAsync);
        Webhooks = await Webhooks.OpenAsync(Log, Journal, Folder, Options, cancel);
        _closing.Push(Webhooks.DisposeAsync);
        Mirrors.Start();
        _closing.Push(new RetentionWatch(this).DisposeAsync);
    }

    private void Closing(IDisposable part) => _closing.Push(() =>
    {
        part.Dispose();
        return ValueTask.CompletedTask;
    });
}
