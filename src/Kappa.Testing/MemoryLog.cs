using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Kappa.Log;

namespace Kappa.Testing;

/// <summary>
/// A log in memory: one batch for each append, with the log time given or the next tick. It keeps the promises of
/// <see cref="ILog"/> but durability, and is safe for several threads.
/// </summary>
public sealed class MemoryLog : ILog
{
    private readonly Lock _lock = new();
    private readonly List<RecordBatch> _batches = [];
    private readonly SortedDictionary<string, long[]> _ends = new(StringComparer.Ordinal);
    private readonly HashSet<string> _complete = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long Number, byte[] Bytes, Appended Answer)> _producers = [];
    private TaskCompletionSource _grown = New();
    private long _last;
    private long _epoch;

    /// <summary>Makes an empty log with the clock's topic in it.</summary>
    public MemoryLog() => _ends.Add(Names.Clock, [0]);

    /// <inheritdoc/>
    public LogId Id { get; } = new(Guid.Empty);

    /// <summary>The log time of the last batch, in ticks; 0 when there is none.</summary>
    public long LastLogTime
    {
        get
        {
            lock (_lock)
            {
                return _last;
            }
        }
    }

    /// <summary>All batches so far, in order of place, the platform's topics included.</summary>
    public IReadOnlyList<RecordBatch> Batches
    {
        get
        {
            lock (_lock)
            {
                return [.. _batches];
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<Topic> Topics
    {
        get
        {
            lock (_lock)
            {
                return [.. _ends.Select(pair => new Topic(
                    pair.Key, pair.Value.Length, _complete.Contains(pair.Key), [.. pair.Value]))];
            }
        }
    }

    /// <summary>
    /// Creates a topic, or gives one that is there more partitions; their records stay where they are.
    /// </summary>
    /// <param name="topic">Its name (see <see cref="Names"/>).</param>
    /// <param name="partitions">1 or more; a lower number than it has changes nothing.</param>
    public void Create(string topic, int partitions = 1)
    {
        lock (_lock)
        {
            var ends = _ends.GetValueOrDefault(topic, []);
            Array.Resize(ref ends, Math.Max(ends.Length, partitions));
            _ends[topic] = ends;
        }
    }

    /// <summary>Appends records to a partition as one batch.</summary>
    /// <param name="topic">The topic; it must exist.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="records">1 or more records.</param>
    /// <param name="logTime">The batch's log time in ticks, beyond that of the last batch; null: the next tick.</param>
    /// <exception cref="KappaException">
    /// There is no such partition, the topic is complete, or the log time would not rise.
    /// </exception>
    public RecordBatch Append(string topic, int partition, IReadOnlyList<NewRecord> records, long? logTime = null)
    {
        lock (_lock)
        {
            return AppendAlone(topic, partition, Encode(records), records.Count, logTime);
        }
    }

    /// <summary>Completes a topic (rule L6); repeating it does nothing.</summary>
    /// <param name="topic">The topic; it must exist.</param>
    public void Complete(string topic)
    {
        lock (_lock)
        {
            if (EndsOf(topic) is not null && _complete.Add(topic))
            {
                var value = new ClockRecord(ClockKind.Complete, topic).ToBytes();
                AppendAlone(Names.Clock, 0, Encode([new NewRecord(null, value)]), 1, null);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask ChangeAsync(TopicChange change, CancellationToken cancel)
    {
        if (change is CreateTopic create)
        {
            Create(create.Name, create.Partitions);
        }
        else
        {
            Complete(change.Name);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<Appended> AppendAsync(AppendRequest request, CancellationToken cancel)
    {
        lock (_lock)
        {
            var bytes = Encode(request.Records);
            if (request.Producer is { } producer && _producers.TryGetValue(producer, out var last))
            {
                if (request.Number == last.Number && bytes.AsSpan().SequenceEqual(last.Bytes))
                {
                    return new(last.Answer with { Repeated = true });
                }

                if (request.Number != last.Number + 1)
                {
                    throw new KappaException(
                        ErrorKind.Conflict,
                        $"Request {request.Number} of producer '{producer}' does not follow {last.Number}.",
                        $"Send number {last.Number + 1}.");
                }
            }

            var partitions = EndsOf(request.Topic).Length;
            var batches = request.Records
                .GroupBy(record => record.Key is { } key ? Partitioner.OfKey(key.Span, partitions) : 0)
                .OrderBy(group => group.Key)
                .Select(group => (Partition: group.Key, Records: group.ToList()))
                .Select(group => AppendAlone(
                    request.Topic, group.Partition, Encode(group.Records), group.Records.Count, null))
                .Select(batch => new AppendedBatch(batch.Partition, batch.BaseOffset, batch.Count, batch.LogTime))
                .ToList();
            var answer = new Appended(batches, Repeated: false);
            if (request.Producer is { } name)
            {
                _producers[name] = (request.Number, bytes, answer);
            }

            return new(answer);
        }
    }

    /// <inheritdoc/>
    public ISequence Read(IReadOnlyList<string> topics, Place after) => new Sequence(this, topics, after);

    /// <inheritdoc/>
    public ValueTask<Place> FindAsync(string topic, int partition, long offset, CancellationToken cancel)
    {
        lock (_lock)
        {
            var batch = _batches.FirstOrDefault(batch => batch.Topic == topic && batch.Partition == partition
                && offset < batch.BaseOffset + batch.Count);
            return new(batch is null
                ? Place.EndOf(_last)
                : new Place(batch.LogTime, (int)(offset - batch.BaseOffset) + 1));
        }
    }

    /// <inheritdoc/>
    /// <remarks>Log time passes here only when told to.</remarks>
    public void ClockAt(long logTime)
    {
    }

    /// <inheritdoc/>
    public ValueTask<long> NextEpochAsync(CancellationToken cancel) => new(Interlocked.Increment(ref _epoch));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static byte[] Encode(IReadOnlyList<NewRecord> records)
    {
        var bytes = new ArrayBufferWriter<byte>();
        foreach (var record in records)
        {
            RecordCodec.Write(bytes, record);
        }

        return bytes.WrittenSpan.ToArray();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private long[] EndsOf(string topic) => _ends.TryGetValue(topic, out var ends)
        ? ends
        : throw new KappaException(
            ErrorKind.NotFound, $"There is no topic '{topic}'.", $"Topics are: {string.Join(", ", _ends.Keys)}.");

    private RecordBatch AppendAlone(string topic, int partition, byte[] bytes, int count, long? logTime)
    {
        var ends = EndsOf(topic);
        if (_complete.Contains(topic))
        {
            throw new KappaException(
                ErrorKind.Conflict, $"The topic '{topic}' is complete.", "Append before you complete it.");
        }

        if (partition < 0 || partition >= ends.Length)
        {
            throw new KappaException(
                ErrorKind.Invalid, $"'{topic}' has no partition {partition}; allowed are 0 to {ends.Length - 1}.",
                "Create the topic with more partitions.");
        }

        var stamp = logTime ?? _last + 1;
        if (stamp <= _last)
        {
            throw new KappaException(
                ErrorKind.Invalid,
                $"The log time {new DateTime(stamp):O} is not beyond the last one, {new DateTime(_last):O}.",
                "Log time only rises: give a later one, or none.");
        }

        var batch = new RecordBatch(topic, partition, ends[partition], stamp, count, bytes);
        _batches.Add(batch);
        ends[partition] += count;
        _last = stamp;
        Interlocked.Exchange(ref _grown, New()).SetResult();
        return batch;
    }

    private sealed class Sequence(MemoryLog log, IReadOnlyList<string> topics, Place after) : ISequence
    {
        private int _next;

        public Place CompleteTo => Place.EndOf(log.LastLogTime);

        public bool TryRead([NotNullWhen(true)] out RecordBatch? batch)
        {
            lock (log._lock)
            {
                while (_next < log._batches.Count)
                {
                    batch = log._batches[_next++];
                    if (batch.LastPlace > after && (topics.Contains(batch.Topic) || Names.IsPlatforms(batch.Topic)))
                    {
                        return true;
                    }
                }
            }

            batch = null;
            return false;
        }

        public async ValueTask WaitAsync(CancellationToken cancel)
        {
            Task grown;
            lock (log._lock)
            {
                if (_next < log._batches.Count)
                {
                    return;
                }

                grown = log._grown.Task;
            }

            await grown.WaitAsync(cancel).ConfigureAwait(false);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
