using Kappa.Log.Projections;

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
    private TypedSegment? _typed;
    private long _rawAt;
    private uint _rawPreviousCrc;
    private int _skipped;
    private byte[]? _raw;

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

    /// <summary>
    /// How its values are typed, where it was read out of a twin (rule L11): a record's value is then typed bytes, its
    /// key and headers are left out, and one without a value, erased ones apart, is to be looked at as it was appended:
    /// see <see cref="AsAppended"/>. Null: records are as they came.
    /// </summary>
    public Projection? Projection => _typed?.Projection;

    /// <summary>The encoded records.</summary>
    public ReadOnlyMemory<byte> EncodedRecords => _records;

    /// <summary>Makes it another batch, over lent memory.</summary>
    internal RecordBatch Become(
        Partition partition, in BatchHeader header, ReadPiece piece, int at, int length, TypedSegment? typed)
    {
        Topic = partition.Topic;
        Partition = partition.Number;
        BaseOffset = header.BaseOffset;
        LogTime = header.LogTime;
        Count = header.Count;
        _indexes = null;
        _piece = piece;
        _records = piece.Bytes.AsMemory(at, length);
        _typed = typed;
        _rawAt = header.GroupStart;
        _rawPreviousCrc = (uint)header.DurableTo;
        _skipped = 0;
        _raw = null;
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

    /// <summary>A batch of its records from one on.</summary>
    /// <param name="first">The first record, counted from 0; there is one.</param>
    public RecordBatch From(int first) => Part(first, Count - first, EncodedRecords[EncodedEndOf(first)..]);

    /// <summary>A batch of its first records.</summary>
    /// <param name="count">How many.</param>
    public RecordBatch UpTo(int count) => Part(0, count, EncodedRecords[..EncodedEndOf(count)]);

    private int EncodedEndOf(int records)
    {
        var at = GetEnumerator();
        for (var i = 0; i < records; i++)
        {
            at.MoveNext();
        }

        return at.EncodedEnd;
    }

    /// <summary>A batch of some of its records.</summary>
    /// <param name="from">The first record, counted from 0.</param>
    /// <param name="count">How many.</param>
    /// <param name="records">Their encoded bytes, a part of this batch's.</param>
    public RecordBatch Part(int from, int count, ReadOnlyMemory<byte> records) =>
        new(
            Topic, Partition, BaseOffset + from, LogTime, count, records,
            [.. Enumerable.Range(from, count).Select(record => PlaceOf(record).Index)])
        {
            _typed = _typed,
            _rawAt = _rawAt,
            _rawPreviousCrc = _rawPreviousCrc,
            _skipped = _skipped + from,
        };

    /// <summary>Its records as they were appended, in order of offset; read again where the batch is typed.</summary>
    /// <exception cref="KappaException">The stored bytes are damaged.</exception>
    public RecordEnumerator AsAppended() => _typed is null ? GetEnumerator() : new(this, _raw ??= FetchRaw(_typed));

    /// <summary>Its records, in order of offset.</summary>
    public RecordEnumerator GetEnumerator() => new(this, _records.Span);

    private byte[] FetchRaw(TypedSegment typed)
    {
        var all = typed.Fetch(_rawAt, _rawPreviousCrc, BaseOffset - _skipped, LogTime);
        var at = 0;
        if (_skipped > 0)
        {
            var before = new RecordEnumerator(new RecordBatch(Topic, Partition, 0, LogTime, _skipped, default), all);
            while (before.MoveNext())
            {
                at = before.EncodedEnd;
            }
        }

        return at == 0 ? all : all[at..];
    }
}
