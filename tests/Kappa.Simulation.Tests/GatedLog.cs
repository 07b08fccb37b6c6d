using System.Diagnostics.CodeAnalysis;

namespace Kappa.Simulation;

/// <summary>
/// The log as one process sees it. What its runs read passes a gate that the simulation opens for a number of batches
/// and then waits until it is shut again: so one thing happens at a time, and a process can be paused for long.
/// </summary>
internal sealed class GatedLog(ILog inner, string? plant, TimeProvider wall) : ILog
{
    private readonly Lock _lock = new();
    private readonly List<Gate> _gates = [];
    private TaskCompletionSource _changed = New();

    private long WallTicks => wall.GetUtcNow().UtcTicks;

    public LogId Id => inner.Id;

    public IReadOnlyList<Topic> Topics => inner.Topics;

    /// <summary>This process is taken for dead: its appends reach nothing, but for those to the journal.</summary>
    public bool IsCutOff { get; set; }

    public IReadOnlyList<Gate> Gates
    {
        get
        {
            lock (_lock)
            {
                return [.. _gates];
            }
        }
    }

    /// <summary>Ends at the next time that a gate is made, shut or gone.</summary>
    public Task Changed
    {
        get
        {
            lock (_lock)
            {
                return _changed.Task;
            }
        }
    }

    public ValueTask ChangeAsync(TopicChange change, CancellationToken cancel) => inner.ChangeAsync(change, cancel);

    public ValueTask<Appended> AppendAsync(AppendRequest request, CancellationToken cancel) =>
        IsCutOff && request.Topic != Names.Lifecycle
        ? throw new KappaException(ErrorKind.Unavailable, "The log is held by another process.", "Stop.")
        : inner.AppendAsync(
            plant == Plants.RetryAppendsAgain && !Names.IsPlatforms(request.Topic)
                ? request with { Producer = null, Number = 0 }
                : request,
            cancel);

    public ISequence Read(IReadOnlyList<string> topics, Place after)
    {
        if (topics.Count == 0 || topics.All(Names.IsPlatforms))
        {
            return inner.Read(topics, after);
        }

        var from = plant == Plants.EmitTwice && after > Place.Start ? new Place(after.LogTime, 0) : after;
        var gate = new Gate(this, inner.Read(topics, from), after, plant);
        lock (_lock)
        {
            _gates.Add(gate);
        }

        Signal();
        return gate;
    }

    public ValueTask<Place> FindAsync(string topic, int partition, long offset, CancellationToken cancel) =>
        inner.FindAsync(topic, partition, offset, cancel);

    public void ClockAt(long logTime) => inner.ClockAt(logTime);

    public async ValueTask<long> NextEpochAsync(CancellationToken cancel)
    {
        if (plant == Plants.EpochIsLogEnd)
        {
            await using var end = inner.Read([], Place.Start);
            return end.CompleteTo.LogTime;
        }

        return await inner.NextEpochAsync(cancel);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Signal()
    {
        lock (_lock)
        {
            var changed = _changed;
            _changed = New();
            changed.SetResult();
        }
    }

    /// <summary>A sequence that gives no more than it was granted.</summary>
    public sealed class Gate(GatedLog owner, ISequence inner, Place after, string? plant) : ISequence
    {
        private readonly Lock _lock = new();
        private readonly Queue<RecordBatch> _turned = [];
        private TaskCompletionSource _granted = New();
        private bool _hasSkipped = plant != Plants.RestartSkips || after == Place.Start;
        private int _left;
        private long _stamp;

        public bool IsShut { get; private set; }

        public Place CompleteTo => inner.CompleteTo;

        public void Grant(int batches)
        {
            lock (_lock)
            {
                _left = batches;
                IsShut = false;
                var granted = _granted;
                _granted = New();
                granted.SetResult();
            }
        }

        public bool TryRead([NotNullWhen(true)] out RecordBatch? batch)
        {
            batch = null;
            return _left > 0 && (plant switch
            {
                Plants.PartitionOrder => TryReadTurned(out batch),
                Plants.EmitTwice => TryReadAgain(out batch),
                _ => TryReadNext(out batch),
            });
        }

        public async ValueTask WaitAsync(CancellationToken cancel)
        {
            Task granted;
            lock (_lock)
            {
                IsShut = true;
                granted = _granted.Task;
            }

            owner.Signal();
            await granted.WaitAsync(cancel);
        }

        public async ValueTask DisposeAsync()
        {
            lock (owner._lock)
            {
                owner._gates.Remove(this);
            }

            owner.Signal();
            await inner.DisposeAsync();
        }

        private bool TryReadNext([NotNullWhen(true)] out RecordBatch? batch)
        {
            while (inner.TryRead(out batch))
            {
                if (!_hasSkipped && !Names.IsPlatforms(batch.Topic))
                {
                    _hasSkipped = true;
                    continue;
                }

                _left--;
                batch = plant == Plants.StampedWhenRead ? Stamped(batch) : batch;
                return true;
            }

            return false;
        }

        /// <summary>The batch at the wall clock's time, where the order of stamps allows that.</summary>
        private RecordBatch Stamped(RecordBatch batch)
        {
            _stamp = Math.Max(_stamp + 1, Math.Max(batch.LogTime, owner.WallTicks));
            return new RecordBatch(
                batch.Topic, batch.Partition, batch.BaseOffset, _stamp, batch.Count, batch.EncodedRecords);
        }

        /// <summary>Gives what was granted at once, by partition; the clock and the journal keep their turn.</summary>
        private bool TryReadTurned([NotNullWhen(true)] out RecordBatch? batch)
        {
            if (_turned.Count == 0)
            {
                var read = new List<RecordBatch>();
                while (TryReadNext(out var next))
                {
                    read.Add(next);
                    if (Names.IsPlatforms(next.Topic) || _left == 0)
                    {
                        break;
                    }
                }

                // Places are those of the order of the log; only what lies in them has changed its turn.
                var turned = read.Where(next => !Names.IsPlatforms(next.Topic))
                    .OrderByDescending(next => next.Partition).ThenBy(next => next.LogTime).ToList();
                for (var i = 0; i < read.Count; i++)
                {
                    var from = i < turned.Count ? turned[i] : read[i];
                    _turned.Enqueue(new RecordBatch(
                        from.Topic, from.Partition, from.BaseOffset, read[i].LogTime, from.Count,
                        from.EncodedRecords));
                }

                _left += read.Count;
            }

            if (_turned.TryDequeue(out batch))
            {
                _left--;
            }

            return batch is not null;
        }

        /// <summary>The last batch of before the restart comes again, behind it.</summary>
        private bool TryReadAgain([NotNullWhen(true)] out RecordBatch? batch)
        {
            if (!TryReadNext(out batch))
            {
                return false;
            }

            if (batch.LastPlace <= after && !Names.IsPlatforms(batch.Topic))
            {
                batch = new RecordBatch(
                    batch.Topic, batch.Partition, batch.BaseOffset, after.LogTime + 1, batch.Count,
                    batch.EncodedRecords);
            }

            return true;
        }
    }
}
