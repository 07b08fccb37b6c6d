namespace Kappa.Log;

/// <summary>
/// Consecutive records of one partition that were stamped together: the unit of reading. Immutable; the bytes of its
/// records stay as they came. Foreach gives its records in order of offset without allocating. A batch given back to
/// its sequence is used for another one (see <see cref="ISequence.Return"/>).
/// </summary>
public sealed class RecordBatch
{
    private ReadOnlyMemory<byte> _records;
    private ReadPiece? _piece;

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
    public string Topic { get; private set; }

    /// <summary>The partition.</summary>
    public int Partition { get; private set; }

    /// <summary>Offset of the first record.</summary>
    public long BaseOffset { get; private set; }

    /// <summary>The batch's log time, in ticks (rule L1).</summary>
    public long LogTime { get; private set; }

    /// <summary>How many records it has, at least 1.</summary>
    public int Count { get; private set; }

    /// <summary>The place of its last record.</summary>
    public Place LastPlace => new(LogTime, Count);

    /// <summary>The encoded records.</summary>
    public ReadOnlyMemory<byte> EncodedRecords => _records;

    /// <summary>Makes it another batch, over lent memory.</summary>
    internal RecordBatch Become(Partition partition, in BatchHeader header, ReadPiece piece, int at, int length)
    {
        Topic = partition.Topic;
        Partition = partition.Number;
        BaseOffset = header.BaseOffset;
        LogTime = header.LogTime;
        Count = header.Count;
        _piece = piece;
        _records = piece.Bytes.AsMemory(at, length);
        return this;
    }

    /// <summary>The memory it was lent, once.</summary>
    internal ReadPiece? TakePiece()
    {
        var piece = _piece;
        _piece = null;
        return piece;
    }

    /// <summary>Its records, in order of offset.</summary>
    public RecordEnumerator GetEnumerator() => new(this, _records.Span);
}
