namespace Kappa.Log;

/// <summary>
/// The one loop that writes (rule L2): it stamps a group of requests, writes and syncs it, moves
/// <see cref="CompleteTo"/>, and only then acknowledges.
/// </summary>
internal sealed class Committer
{
    private const int GroupBytesMax = 8 << 20;
    private readonly LogOptions _options;
    private readonly LogClock _clock;
    private readonly Producers _producers;
    private readonly LogTopic _clockTopic;
    private readonly Action<long> _clockRecordWritten;
    private readonly Func<bool> _noteEnds;
    private readonly List<Partition> _held = [];
    private readonly GroupBuffer _buffer = new();
    private bool _mustOpen;

    // Batches call nothing durable beyond this while a stop could not be noted: the stamps that were refused lie behind
    // it, and what a crash leaves of them must not look as if it had been acknowledged.
    private long _claimMax = long.MaxValue;
    private readonly AppendQueue _queue;
    private readonly Thread _thread;
    private readonly long _completeToAtStart;
    private long _completeTo;
    private volatile TaskCompletionSource _risen = NewSignal();
    private volatile Exception? _broken;

    public Committer(
        LogOptions options, LogClock clock, Producers producers, LogTopic clockTopic, Action<long> clockRecordWritten,
        Func<bool> noteEnds)
    {
        _options = options;
        _clock = clock;
        _producers = producers;
        _clockTopic = clockTopic;
        _clockRecordWritten = clockRecordWritten;
        _noteEnds = noteEnds;
        _completeTo = _completeToAtStart = clock.Last;
        _queue = new AppendQueue(options.QueueBytesMax);
        _thread = new Thread(Loop) { IsBackground = true, Name = "kappa log committer" };
    }

    /// <summary>The last durable stamp: nothing will ever be added at or before it.</summary>
    public long CompleteTo => Volatile.Read(ref _completeTo);

    /// <summary>
    /// Completed when <see cref="CompleteTo"/> has risen, or a partition has stopped, since it was asked for.
    /// </summary>
    public Task Risen => _risen.Task;

    public void Start() => _thread.Start();

    public async ValueTask<Appended> AppendAsync(PreparedRequest request, CancellationToken cancel)
    {
        ThrowIfBroken();
        await _queue.AddAsync(request, cancel);
        return await request.Outcome.Task.WaitAsync(cancel);
    }

    /// <summary>Appends a record of the log's own to the clock topic, ahead of the queue's bound.</summary>
    public Task<Appended> AppendClockAsync(ClockRecord record, LogTopic? completes = null)
    {
        var request = ClockRequest(record, completes);
        _queue.AddOwn(request);
        return request.Outcome.Task;
    }

    /// <summary>Does something between two groups, and comes back when it is done.</summary>
    public Task RunAsync(Action act)
    {
        ThrowIfBroken();
        var work = new CommitterWork(act);
        _queue.AddWork(work);
        return work.Done;
    }

    /// <summary>What is known of producers. For work between two groups alone.</summary>
    public Producers Producers => _producers;

    /// <summary>Writes what is queued, then ends.</summary>
    public void Stop()
    {
        _queue.Close();
        if (_thread.ThreadState != ThreadState.Unstarted)
        {
            _thread.Join();
        }

        _risen.TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Loop()
    {
        var requests = new List<PreparedRequest>();
        try
        {
            while (_queue.WaitForAny())
            {
                while (_queue.TryTakeWork(out var work))
                {
                    work.Run();
                }

                if (_queue.IsEmpty)
                {
                    continue;
                }

                var bytesMax = Math.Min(GroupBytesMax, _options.SegmentBytesMax);
                if (_options.LingerMax > TimeSpan.Zero)
                {
                    // Others are waited for while there is room for them.
                    Task.WaitAny(Task.Delay(_options.LingerMax, _options.Time), _queue.FilledAsync(bytesMax));
                }

                _queue.Take(bytesMax, requests);
                if (!IsOpening(requests) && StampOpened() is { } refused)
                {
                    requests.ForEach(request => request.Outcome.TrySetException(refused));
                }
                else
                {
                    _queue.Return(Commit(requests));
                }

                requests.Clear();
            }
        }
        catch (Exception bug)
        {
            // Nothing may be acknowledged by a committer whose state is unknown: everything that waits is told.
            _broken = bug;
            _queue.Close();
            do
            {
                requests.ForEach(request => request.Outcome.TrySetException(Broken(bug)));
                requests.Clear();
                _queue.Take(long.MaxValue, requests);
            }
            while (requests.Count > 0);
            while (_queue.TryTakeWork(out var work))
            {
                work.Fail(Broken(bug));
            }

            _risen.TrySetResult();
        }
    }

    // The first record after opening says itself that the log opened.
    private bool IsOpening(List<PreparedRequest> requests) =>
        requests[0].Topic == _clockTopic && CompleteTo == _completeToAtStart && requests.Count == 1
        && ClockRecord.Parse(requests[0].Request.Records[0].Value!.Value.Span).Kind == ClockKind.Opened;

    /// <summary>
    /// Before stamping over a gap longer than the clock's interval: the record <em>opened</em> (rule L5).
    /// </summary>
    /// <returns>Why it could not be written: then nothing else may be stamped.</returns>
    private Exception? StampOpened()
    {
        _mustOpen |= _clock.Now - _clock.Last > _options.ClockInterval.Ticks;
        if (!_mustOpen)
        {
            return null;
        }

        var opened = ClockRequest(new ClockRecord(ClockKind.Opened), null);
        Commit([opened]);
        _mustOpen = !opened.Outcome.Task.IsCompletedSuccessfully;
        return opened.Outcome.Task.Exception?.InnerException;
    }

    private List<PreparedRequest> Commit(List<PreparedRequest> requests)
    {
        var group = new CommitGroup(_clock, _producers, _options, _buffer);
        if (requests.Exists(request => request.Topic == _clockTopic))
        {
            _held.RemoveAll(partition => partition.TryGoOn() || partition.Stopped is { IsFinal: true });
        }

        group.Plan(requests);
        var before = CompleteTo;
        var last = group.Write(before, Math.Min(before, _claimMax));
        if (last > 0)
        {
            Volatile.Write(ref _completeTo, last);
        }

        _held.AddRange(group.Failed.Except(_held));
        if (group.Failed.Count > 0 || _claimMax < long.MaxValue)
        {
            _claimMax = _noteEnds() ? long.MaxValue : Math.Min(_claimMax, before);
        }

        group.Settle();
        _producers.Forget(_clock.Last);
        var risen = _risen;
        _risen = NewSignal();
        risen.TrySetResult();
        foreach (var request in requests)
        {
            if (request.Topic == _clockTopic && request.Outcome.Task.IsCompletedSuccessfully)
            {
                _clockRecordWritten(request.Outcome.Task.Result.Batches[^1].LogTime);
            }
        }

        return group.Deferred;
    }

    private PreparedRequest ClockRequest(ClockRecord record, LogTopic? completes) => PreparedRequest.Of(
        new AppendRequest(_clockTopic.Name, [new NewRecord(null, record.ToBytes())]), _clockTopic, _options, completes);

    /// <exception cref="KappaException">The committer has ended by a mistake in Kappa.</exception>
    public void ThrowIfBroken()
    {
        if (_broken is { } bug)
        {
            throw Broken(bug);
        }
    }

    private static KappaException Broken(Exception bug) => new(
        ErrorKind.Unavailable,
        $"The log has stopped writing: {bug.Message}",
        "Open the log again; what was acknowledged is in it.",
        bug);
}
