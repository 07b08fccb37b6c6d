using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Kappa.Log;

namespace Kappa.Streams.Tests.Seams;

/// <summary>
/// A log that behaves as Kafka does: partitions know nothing of each other, timestamps are the producers' and go
/// backwards, offsets have gaps, partitions are added. It has no order of its own, so the order is recorded: a cut
/// holds the end offsets of all partitions under a stamp; the sequence is cut after cut, inside a cut by (topic,
/// partition, offset). A place needs a log time of its own for each batch, so the n-th batch of a cut has the cut's
/// stamp + n ticks, and the next cut's stamp lies beyond. Every read computes its batches anew from what was recorded.
/// </summary>
internal sealed class KafkaLikeLog(int batchRecordsMax = 7) : ILog
{
    private static readonly long Start = Sequence.Origin.AddDays(1).UtcTicks;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, List<Broker>> _topics = new(StringComparer.Ordinal);
    private readonly HashSet<string> _complete = [];
    private readonly List<Cut> _cuts = [];
    private readonly Dictionary<string, (long Number, byte[] Value, Appended Answer)> _producers = [];
    private TaskCompletionSource _grown = New();
    private long _epoch;

    private readonly record struct Message(long Offset, long Timestamp, NewRecord Record);

    /// <summary>
    /// How many messages of each partition lie before the end of the cut, and its first and last stamp.
    /// </summary>
    private sealed record Cut(long Stamp, long LastStamp, Dictionary<(string, int), int> Ends);

    private sealed class Broker
    {
        public List<Message> Messages { get; } = [];

        public long NextOffset { get; set; }
    }

    public LogId Id { get; } = new(new Guid(8, 8, 8, [8, 8, 8, 8, 8, 8, 8, 8]));

    /// <summary>How many cuts are recorded.</summary>
    public int Cuts => _cuts.Count;

    public IReadOnlyList<Topic> Topics
    {
        get
        {
            lock (_lock)
            {
                return [.. _topics.Select(topic => new Topic(
                    topic.Key, topic.Value.Count, _complete.Contains(topic.Key),
                    [.. topic.Value.Select(broker => broker.NextOffset)]))];
            }
        }
    }

    /// <summary>Gives a topic one more partition.</summary>
    public void AddPartition(string topic)
    {
        lock (_lock)
        {
            _topics[topic].Add(new Broker());
        }
    }

    /// <summary>Some producer writes to a partition; nobody who reads the sequence sees it before a cut.</summary>
    public void Produce(string topic, int partition, long timestamp, NewRecord record, int gapBefore = 0)
    {
        lock (_lock)
        {
            var broker = _topics[topic][partition];
            broker.NextOffset += gapBefore;
            broker.Messages.Add(new Message(broker.NextOffset++, timestamp, record));
        }
    }

    /// <summary>Records a cut at what is there now; none where nothing is new.</summary>
    public void CutNow()
    {
        lock (_lock)
        {
            Record(_topics.SelectMany(topic => topic.Value.Select((broker, partition) =>
                ((topic.Key, partition), broker.Messages.Count))).ToDictionary());
        }
    }

    /// <summary>
    /// Cuts what lies there uncut at even steps of record time, so that partitions advance together. A message whose
    /// timestamp goes backwards stands behind the highest one before it in its partition.
    /// </summary>
    public void CutHistory(TimeSpan step)
    {
        lock (_lock)
        {
            var times = _topics.Where(topic => !Names.IsPlatforms(topic.Key))
                .SelectMany(topic => topic.Value).SelectMany(broker => broker.Messages)
                    .Select(message => message.Timestamp).ToList();
            for (var until = times.Min() + step.Ticks; until - step.Ticks <= times.Max(); until += step.Ticks)
            {
                Record(_topics.SelectMany(topic => topic.Value.Select((broker, partition) =>
                    ((topic.Key, partition), Math.Max(
                        EndOf(topic.Key, partition),
                        broker.Messages.TakeWhile(message => message.Timestamp < until).Count())))).ToDictionary());
            }

            CutNow();
        }
    }

    public ValueTask ChangeAsync(TopicChange change, CancellationToken cancel)
    {
        lock (_lock)
        {
            if (change is CreateTopic create)
            {
                _topics.TryAdd(create.Name, [.. Enumerable.Range(0, create.Partitions).Select(_ => new Broker())]);
            }
            else if (_complete.Add(change.Name))
            {
                CutNow();
                _topics.TryAdd(Names.Clock, [new Broker()]);
                Produce(Names.Clock, 0, 0, new NewRecord(
                    null, new ClockRecord(ClockKind.Complete, change.Name).ToBytes()));
                CutNow();
            }
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<Appended> AppendAsync(AppendRequest request, CancellationToken cancel)
    {
        lock (_lock)
        {
            var value = request.Records[0].Value!.Value.ToArray();
            if (request.Producer is { } producer && _producers.TryGetValue(producer, out var last))
            {
                if (request.Number == last.Number && value.AsSpan().SequenceEqual(last.Value))
                {
                    return new(last.Answer with { Repeated = true });
                }

                if (request.Number != last.Number + 1)
                {
                    throw new KappaException(ErrorKind.Conflict, $"{request.Number} is out of order.", "Read again.");
                }
            }

            // What others produced comes into a cut of its own, so that this request's place is known.
            CutNow();
            var offset = _topics[request.Topic][0].NextOffset;
            foreach (var record in request.Records)
            {
                Produce(request.Topic, 0, 0, record);
            }

            CutNow();
            var answer = new Appended(
                [new AppendedBatch(0, offset, request.Records.Count, _cuts[^1].LastStamp)], Repeated: false);
            if (request.Producer is { } name)
            {
                _producers[name] = (request.Number, value, answer);
            }

            return new(answer);
        }
    }

    public ISequence Read(IReadOnlyList<string> topics, Place after) => new CutSequence(this, topics, after);

    public ValueTask<Place> FindAsync(string topic, int partition, long offset, CancellationToken cancel) =>
        throw new NotSupportedException();

    public void ClockAt(long logTime)
    {
    }

    public ValueTask<long> NextEpochAsync(CancellationToken cancel) => new(Interlocked.Increment(ref _epoch));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private int EndOf(string topic, int partition) =>
        _cuts.Count == 0 ? 0 : _cuts[^1].Ends.GetValueOrDefault((topic, partition));

    private void Record(Dictionary<(string, int), int> ends)
    {
        var stamp = _cuts.Count == 0 ? Start : _cuts[^1].LastStamp + TimeSpan.TicksPerMillisecond;
        var cut = new Cut(stamp, stamp, ends);
        var batches = BatchesOf(cut, _cuts.LastOrDefault()).Count();
        if (batches > 0)
        {
            _cuts.Add(cut with { LastStamp = stamp + batches - 1 });
            Interlocked.Exchange(ref _grown, New()).SetResult();
        }
    }

    /// <summary>A batch ends at a gap of offsets, because its records' offsets follow each other.</summary>
    private IEnumerable<RecordBatch> BatchesOf(Cut cut, Cut? before)
    {
        var stamp = cut.Stamp;
        foreach (var (topic, brokers) in _topics)
        {
            for (var partition = 0; partition < brokers.Count; partition++)
            {
                var messages = brokers[partition].Messages;
                var at = before?.Ends.GetValueOrDefault((topic, partition)) ?? 0;
                var end = cut.Ends.GetValueOrDefault((topic, partition));
                while (at < end)
                {
                    var bytes = new ArrayBufferWriter<byte>();
                    var from = at;
                    do
                    {
                        RecordCodec.Write(bytes, messages[at++].Record);
                    }
                    while (at < end && at - from < batchRecordsMax && topic != Names.Lifecycle
                        && messages[at].Offset == messages[at - 1].Offset + 1);
                    yield return new RecordBatch(
                        topic, partition, messages[from].Offset, stamp++, at - from, bytes.WrittenMemory);
                }
            }
        }
    }

    private sealed class CutSequence(KafkaLikeLog log, IReadOnlyList<string> topics, Place after) : ISequence
    {
        private readonly Queue<RecordBatch> _ofCut = [];
        private int _next;

        public Place CompleteTo
        {
            get
            {
                lock (log._lock)
                {
                    return log._cuts.Count == 0 ? Place.Start : Place.EndOf(log._cuts[^1].LastStamp);
                }
            }
        }

        public bool TryRead([NotNullWhen(true)] out RecordBatch? batch)
        {
            lock (log._lock)
            {
                while (_ofCut.Count == 0 && _next < log._cuts.Count)
                {
                    var before = _next == 0 ? null : log._cuts[_next - 1];
                    foreach (var read in log.BatchesOf(log._cuts[_next++], before).Where(read => read.LastPlace > after
                        && (topics.Contains(read.Topic) || Names.IsPlatforms(read.Topic))))
                    {
                        _ofCut.Enqueue(read);
                    }
                }
            }

            return _ofCut.TryDequeue(out batch);
        }

        public async ValueTask WaitAsync(CancellationToken cancel)
        {
            Task grown;
            lock (log._lock)
            {
                if (_ofCut.Count > 0 || _next < log._cuts.Count)
                {
                    return;
                }

                grown = log._grown.Task;
            }

            await grown.WaitAsync(cancel);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
