using Kappa.Log.Archives;
using Kappa.Log.Erasures;
using Kappa.Log.Projections;

namespace Kappa.Log;

/// <summary>
/// The log in a folder of this machine, held by one process. Appends are acknowledged when they are on the disk; what
/// was acknowledged survives a killed process and a power loss (rules L1 to L8).
/// </summary>
public sealed partial class EmbeddedLog : ILog
{
    private readonly LogOptions _options;
    private readonly IDisposable _lock;
    private readonly LogClock _clock;
    private readonly Committer _committer;
    private readonly ClockTicker _ticker;
    private readonly SemaphoreSlim _changing = new(1, 1);
    private readonly SemaphoreSlim _claiming = new(1, 1);
    private volatile TopicTable _topics;
    private long _endsNoted;
    private int _isClosed;

    private EmbeddedLog(LogOptions options, IDisposable held, TopicTable topics, Recovery.Found found)
    {
        _options = options;
        _lock = held;
        _topics = topics;
        _twins = options.ProjectionFolder is { } folder ? TwinStore.Open(folder, options.Files) : null;
        _erasures = ErasureNotes.Open(
            options.Folder, options.Files, topics.Id, topics.All.Select(topic => topic.Id).ToHashSet());
        _archives = new LogArchives(_erasures, new SegmentCache(
            options.FetchFolder ?? Path.Combine(options.Folder, "fetched"), options.Files, options.FetchedBytesMax,
            _erasures));
        _archivedTwins = _twins is null ? null : new ArchivedTwins(options, _twins, _archives);
        _archives.Cache.Clear();
        _clock = new LogClock(options.Time, found.LastStamp);
        _ages = new RetentionClock(options, found.LastStamp);
        _ticker = new ClockTicker(options.Time, _clock, options.ClockInterval, Tick);
        _committer = new Committer(options, _clock, found.Producers, topics[Names.Clock], ClockWritten, NoteEnds);
    }

    /// <inheritdoc/>
    public LogId Id => _topics.Id;

    /// <inheritdoc/>
    public IReadOnlyList<Topic> Topics => [.. _topics.All.Select(topic => WithArchives(topic.ToTopic()))];

    /// <summary>The last durable log time, in ticks: nothing will ever be added at or before it.</summary>
    public long CompleteTo => _committer.CompleteTo;

    /// <summary>Is the wall clock behind log time? An alarm: somebody set the clock back (rule L1).</summary>
    public bool IsWallClockBehind => _clock.IsBehind;

    internal Task Risen => _committer.Risen;

    /// <summary>Opens the log of a folder, or makes it; returns when every record kept is durable (rule L7).</summary>
    /// <param name="options">Where and how.</param>
    /// <param name="cancel">Gives up waiting.</param>
    /// <exception cref="KappaException">
    /// Another process holds the folder; its format is unknown; its manifest or its clock is damaged; the wall clock is
    /// before 2020.
    /// </exception>
    public static async ValueTask<EmbeddedLog> OpenAsync(LogOptions options, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        var folder = Path.GetFullPath(options.Folder);
        options = options with { Folder = folder };
        options.Files.CreateFolder(folder);
        var held = options.Files.Lock(folder);
        EmbeddedLog? log = null;
        try
        {
            var topics = TopicTable.Open(options);
            var found = Recovery.Of(options, topics);
            if (topics[Names.Clock].Partitions[0].Stopped is { } stopped)
            {
                // It is in every sequence, and says which topics are complete: without it nothing can be read or taken.
                throw stopped.Why;
            }

            log = new EmbeddedLog(options, held, topics, found);
            log._committer.Start();
            await log.StartClockAsync(cancel);
            return log;
        }
        catch
        {
            if (log is not null)
            {
                await log.DisposeAsync();
            }

            held.Dispose();
            throw;
        }
    }

    /// <summary>Walks everything in the folder of a closed log, verifies it, and changes nothing.</summary>
    /// <param name="folder">The log's folder.</param>
    /// <param name="files">The disk.</param>
    /// <param name="cancel">Ends the walk.</param>
    /// <exception cref="KappaException">
    /// There is no log, it is of an unknown format, or another process holds it.
    /// </exception>
    public static async ValueTask<Verification> VerifyAsync(
        string folder, IFileSystem files, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        folder = Path.GetFullPath(folder);
        if (!files.Exists(folder))
        {
            throw new KappaException(
                ErrorKind.NotFound, $"There is no folder '{folder}'.", "Name the folder of a log.");
        }

        using var held = files.Lock(folder);
        return await Task.Run(() => new Verifier(folder, files, cancel).Run(), cancel);
    }

    /// <inheritdoc/>
    public ValueTask<Appended> AppendAsync(AppendRequest request, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(request);
        ThrowIfClosed();
        RequestRules.Check(request);
        return _committer.AppendAsync(PreparedRequest.Of(request, _topics[request.Topic], _options), cancel);
    }

    /// <inheritdoc/>
    public ISequence Read(IReadOnlyList<string> topics, Place after) => Read(topics, after, []);

    /// <inheritdoc/>
    public ValueTask<Place> FindAsync(string topic, int partition, long offset, CancellationToken cancel)
    {
        ThrowIfClosed();
        cancel.ThrowIfCancellationRequested();
        var found = _topics[topic];
        if (partition < 0 || partition >= found.Partitions.Length)
        {
            throw new KappaException(
                ErrorKind.NotFound,
                $"Topic '{topic}' has no partition {partition}: it has 0 to {found.Partitions.Length - 1}.",
                "Name one of these partitions.");
        }

        var there = found.Partitions[partition];
        return offset >= 0 && offset < there.StartOffset && _archives.Of(there) is { } archived
            ? new ValueTask<Place>(Task.Run(() => OffsetSearch.FindArchived(there, offset, archived, Files), cancel))
            : ValueTask.FromResult(OffsetSearch.Find(there, offset, Files));
    }

    /// <inheritdoc/>
    public void ClockAt(long logTime) => _ticker.Want(logTime);

    /// <inheritdoc/>
    public async ValueTask<long> NextEpochAsync(CancellationToken cancel)
    {
        ThrowIfClosed();
        await _claiming.WaitAsync(cancel);
        try
        {
            // One after the other: two clock records of one group would have one stamp.
            var appended = await _committer.AppendClockAsync(new ClockRecord(ClockKind.Tick));
            return appended.Batches[0].LogTime;
        }
        finally
        {
            _claiming.Release();
        }
    }

    /// <summary>Writes what is queued, notes where everything ends, and lets the folder go.</summary>
    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) == 0)
        {
            _ticker.Dispose();
            _archives.Cache.Dispose();
            _committer.Stop();
            NoteEnds();
            if (_topics.All.Any(topic => topic.Settings.RetainFor is not null))
            {
                _ = _ages.Now(_clock.Now);
                _ages.Note(isClosing: true);
            }

            foreach (var partition in Partitions)
            {
                partition.Close();
            }

            _changing.Dispose();
            _claiming.Dispose();
            _erasing.Dispose();
            _projecting.Dispose();
            _lock.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    internal void ThrowIfClosed()
    {
        if (Volatile.Read(ref _isClosed) == 1)
        {
            throw new KappaException(ErrorKind.Unavailable, "The log is closed.", "Open it again.");
        }

        _committer.ThrowIfBroken();
    }

    private IEnumerable<Partition> Partitions => _topics.All.SelectMany(topic => topic.Partitions);

    private bool NoteEnds()
    {
        try
        {
            DurableEnds.Write(_options.Files, _options.Folder, Id, _committer.CompleteTo, Partitions);
            return true;
        }
        catch (KappaException)
        {
            // The note only helps to tell damage from a torn tail; a disk that is full now must not stop the log.
            return false;
        }
    }

    private void ClockWritten(long stamp)
    {
        _ticker.Written(stamp);
        if (stamp - _endsNoted >= _options.ClockInterval.Ticks / 2)
        {
            _endsNoted = stamp;
            NoteEnds();
            RollOld(stamp);
        }
    }

    private async Task StartClockAsync(CancellationToken cancel)
    {
        if (_clock.Now - _clock.Last > _options.ClockInterval.Ticks)
        {
            await _committer.AppendClockAsync(new ClockRecord(ClockKind.Opened)).WaitAsync(cancel);
        }
        else
        {
            _ticker.Written(_clock.Last);
        }
    }

    // The clock's own records wait for nobody; when the disk does not take one, it is tried again a second later.
    private async void Tick()
    {
        try
        {
            await _committer.AppendClockAsync(new ClockRecord(ClockKind.Tick));
        }
        catch (KappaException)
        {
            _ticker.Failed();
        }
    }
}
