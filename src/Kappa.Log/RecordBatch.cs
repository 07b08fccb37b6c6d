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
    private int[]? _indexes;

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
    public Place LastPlace => PlaceOf(Count - 1);

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
        _indexes = null;
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

    /// <summary>The place of a record, counted from 0.</summary>
    public Place PlaceOf(int record) => new(LogTime, _indexes is null ? record + 1 : _indexes[record]);

    /// <summary>Its records, in order of offset.</summary>
    public RecordEnumerator GetEnumerator() => new(this, _records.Span);
}
