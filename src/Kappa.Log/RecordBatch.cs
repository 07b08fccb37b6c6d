namespace Kappa.Log;

/// <summary>
/// Consecutive records of one partition that were stamped together: the unit of reading. Immutable; the bytes of its
/// records stay as they came. Foreach gives its records in order of offset without allocating.
/// </summary>
public sealed class RecordBatch
{
    private readonly ReadOnlyMemory<byte> _records;
    private readonly int[]? _indexes;

    /// <summary>Wraps encoded records (see <see cref="RecordCodec"/>).</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="baseOffset">Offset of the first record.</param>
    /// <param name="logTime">The log time of all of them, in ticks.</param>
    /// <param name="count">How many records there are.</param>
    /// <param name="records">Their bytes.</param>
    /// <param name="indexes">
    /// Of each record the index of its place, never falling: of a part of a batch, or of records that have the places
    /// of their causes (rule E2). Null: 1, 2, 3 and so on.
    /// </param>
    public RecordBatch(
        string topic, int partition, long baseOffset, long logTime, int count, ReadOnlyMemory<byte> records,
        int[]? indexes = null)
    {
        Topic = topic;
        Partition = partition;
        BaseOffset = baseOffset;
        LogTime = logTime;
        Count = count;
        _records = records;
        _indexes = indexes;
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
    public Place LastPlace => PlaceOf(Count - 1);

    /// <summary>The encoded records.</summary>
    public ReadOnlyMemory<byte> EncodedRecords => _records;

    /// <summary>The place of a record, counted from 0.</summary>
    public Place PlaceOf(int record) => new(LogTime, _indexes is null ? record + 1 : _indexes[record]);

    /// <summary>Its records, in order of offset.</summary>
    public RecordEnumerator GetEnumerator() => new(this, _records.Span);
}
