using Kappa.Log;

namespace Kappa.Streams.Runtime;

/// <summary>Counts what a run has read, by partition, and how fast.</summary>
internal sealed class RunProgress(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Topic, int Partition), long> _next = [];
    private long _sampledAt = time.GetTimestamp();
    private long _sampledRecords;
    private bool _isSampled;

    public long RecordsDone { get; private set; }

    public double RecordsPerSecond { get; private set; }

    public void Add(IEnumerable<RecordBatch> batches)
    {
        lock (_lock)
        {
            foreach (var batch in batches)
            {
                if (!Names.IsPlatforms(batch.Topic))
                {
                    _next[(batch.Topic, batch.Partition)] = batch.BaseOffset + batch.Count;
                }
            }

            RecordsDone = _next.Values.Sum();
        }

        var passed = time.GetElapsedTime(_sampledAt);
        var isFirst = !_isSampled && RecordsDone > _sampledRecords;
        if (passed >= TimeSpan.FromSeconds(1) || isFirst)
        {
            // A short replay is over before its first second: its rate is that of what it did.
            RecordsPerSecond = (RecordsDone - _sampledRecords) / Math.Max(passed.TotalSeconds, 0.001);
        }

        if (passed >= TimeSpan.FromSeconds(1))
        {
            _isSampled = true;
            _sampledAt = time.GetTimestamp();
            _sampledRecords = RecordsDone;
        }
    }

    /// <summary>How many of the records that are there now are behind it (rule L9).</summary>
    public long DoneOf(IEnumerable<Topic> topics)
    {
        lock (_lock)
        {
            return topics.Sum(topic => Enumerable.Range(0, topic.Partitions).Sum(partition =>
            {
                var start = topic.StartOffsets[partition];
                return Math.Max(0, _next.GetValueOrDefault((topic.Name, partition), start) - start);
            }));
        }
    }

    /// <summary>Nothing is left to read: the rate of the last stretch stays for a second, then it is 0.</summary>
    public void Idle() => Add([]);

    public void Save(StateWriter into)
    {
        into.Write(_next.Count);
        foreach (var ((topic, partition), next) in _next)
        {
            into.Write(topic);
            into.Write(partition);
            into.Write(next);
        }
    }

    public void Load(StateReader from)
    {
        lock (_lock)
        {
            for (var left = from.ReadInt32(); left > 0; left--)
            {
                _next[(from.ReadString(), from.ReadInt32())] = from.ReadInt64();
            }

            RecordsDone = _sampledRecords = _next.Values.Sum();
        }
    }
}
