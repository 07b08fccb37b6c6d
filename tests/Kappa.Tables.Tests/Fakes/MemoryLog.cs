using System.Buffers;
using Kappa.Log;

namespace Kappa.Tables.Tests;

/// <summary>
/// A log in memory with numbered producers (rule L8), one partition per topic, one merged sequence and log times that
/// count up by a second. <see cref="Before"/> may throw before an append, <see cref="After"/> after it is durable.
/// </summary>
internal sealed class MemoryLog : ILog
{
    private readonly List<RecordBatch> _batches = [];
    private readonly Dictionary<string, long> _ends = [];
    private readonly Dictionary<string, (long Number, byte[] Bytes, Appended Answer)> _producers = [];
    private long _epoch;
    private long _lastTime = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    public Action Before { get; set; } = () => { };

    public Action After { get; set; } = () => { };

    /// <summary>How much log time passes from one append to the next.</summary>
    public TimeSpan Pace { get; set; } = TimeSpan.FromSeconds(1);

    public LogId Id { get; } = new(Guid.Empty);

    public Place End => new(_lastTime, 1);

    public IReadOnlyList<Topic> Topics =>
        [.. _ends.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => new Topic(e.Key, 1, false, [e.Value]))];

    public ValueTask ChangeAsync(TopicChange change, CancellationToken cancel)
    {
        _ends.TryAdd(change.Name, 0);
        return ValueTask.CompletedTask;
    }

    public ValueTask<Appended> AppendAsync(AppendRequest request, CancellationToken cancel)
    {
        Before();
        var bytes = new ArrayBufferWriter<byte>();
        foreach (var record in request.Records)
        {
            RecordCodec.Write(bytes, record);
        }

        if (request.Producer is { } producer && _producers.TryGetValue(producer, out var last))
        {
            if (request.Number == last.Number && bytes.WrittenSpan.SequenceEqual(last.Bytes))
            {
                return new(last.Answer with { Repeated = true });
            }

            if (request.Number != last.Number + 1)
            {
                throw new KappaException(
                    ErrorKind.Conflict, $"Number {request.Number} does not follow {last.Number}.", "Read again.");
            }
        }

        _lastTime += Pace.Ticks;
        var offset = _ends.GetValueOrDefault(request.Topic);
        _batches.Add(new RecordBatch(
            request.Topic, 0, offset, _lastTime, request.Records.Count, bytes.WrittenSpan.ToArray()));
        _ends[request.Topic] = offset + request.Records.Count;
        var answer = new Appended([new AppendedBatch(0, offset, request.Records.Count, _lastTime)], false);
        if (request.Producer is { } name)
        {
            _producers[name] = (request.Number, bytes.WrittenSpan.ToArray(), answer);
        }

        After();
        return new(answer);
    }

    public ISequence Read(IReadOnlyList<string> topics, Place after) => new Sequence(this, topics, after);

    public ValueTask<Place> FindAsync(string topic, int partition, long offset, CancellationToken cancel) =>
        throw new NotSupportedException();

    public void ClockAt(long logTime)
    {
    }

    public ValueTask<long> NextEpochAsync(CancellationToken cancel) => new(++_epoch);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Sequence(MemoryLog log, IReadOnlyList<string> topics, Place after) : ISequence
    {
        private int _next;

        public Place CompleteTo => log.End;

        public bool TryRead([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out RecordBatch? batch)
        {
            while (_next < log._batches.Count)
            {
                batch = log._batches[_next++];
                if (batch.LastPlace > after
                    && (topics.Contains(batch.Topic) || batch.Topic.StartsWith("_kappa.", StringComparison.Ordinal)))
                {
                    return true;
                }
            }

            batch = null;
            return false;
        }

        public ValueTask WaitAsync(CancellationToken cancel) =>
            throw new InvalidOperationException("Nothing more will come.");

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
