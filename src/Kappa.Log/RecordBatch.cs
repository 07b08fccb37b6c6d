namespace Kappa.Log;

/// <summary>
/// Consecutive records of one partition that were stamped together: the unit of reading. Immutable; the bytes of its
/// records stay as they came. Foreach gives its records in order of offset without allocating.
/// </summary>
public sealed class RecordBatch
{
    private readonly ReadOnlyMemory<byte> _records;

    /// <summary>Wraps encoded records (see <see cref="RecordCodec"/>).</summary>
    public RecordBatch(
        string topic, int partition, long baseOffset, long logTime, int count, ReadOnlyMemory<byte> records)
    {
        Topic = topic;
        Partition = partition;
        BaseOffset = baseOffset;
        LogTime = logTime;
        Count = count;
        _records = records;
    }

    /// <summary>The topic.</summary>
    public string Topic { get; }

    /// <summary>The partition.</summary>
    public int Partition { get; }

    /// <summary>Offset of the first record.</summary>
    public long BaseOffset { get; }

    /// <summary>The batch's log time, in ticks (rule L1).</summary>
    public long LogTime { get; }

    /// <summary>How many records it has, at least 1.</summary>
    public int Count { get; }

    /// <summary>The place of its last record.</summary>
    public Place LastPlace => new(LogTime, Count);

    /// <summary>The encoded records.</summary>
    public ReadOnlyMemory<byte> EncodedRecords => _records;

    /// <summary>Its records, in order of offset.</summary>
    public RecordEnumerator GetEnumerator() => new(this, _records.Span);
}
