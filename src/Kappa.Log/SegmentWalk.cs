namespace Kappa.Log;

/// <summary>
/// Walks the batches of one segment from a mark, verifying chain, offsets, stamps and checksums. Reads the file in
/// large pieces into one buffer of its own.
/// </summary>
internal sealed class SegmentWalk(IFile file, Segment segment, Segment.Mark from, bool checkRecords = true)
{
    private const int ReadAheadBytes = 256 << 10;
    private byte[] _piece = [];
    private long _pieceAt;
    private int _pieceLength;
    private int _recordsAt;
    private int _recordsLength;
    private uint _previousCrc = from.PreviousCrc;
    private long _previousStamp = from.LogTime - 1;

    /// <summary>Where the next batch begins.</summary>
    public long Position { get; private set; } = from.Position;

    /// <summary>The offset the next batch begins with.</summary>
    public long NextOffset { get; private set; } = from.BaseOffset;

    /// <summary>The stamp of the last batch, or of what came before the segment.</summary>
    public long LastStamp => _previousStamp;

    /// <summary>The checksum the next batch continues.</summary>
    public uint LastCrc => _previousCrc;

    public BatchHeader Header;

    /// <summary>The batch's encoded records, where they are checked; valid until the next step.</summary>
    public ReadOnlySpan<byte> Records => _piece.AsSpan(_recordsAt, _recordsLength);

    /// <summary>
    /// Moves to the next batch before a position. False at that position; else damage is said, not thrown.
    /// </summary>
    public bool TryNext(long end, out string? damage)
    {
        damage = null;
        if (Position >= end)
        {
            return false;
        }

        var head = Take(Math.Min(end - Position, BatchHeader.Size + Names.LengthMax), end);
        if (!BatchHeader.TryRead(head, segment.Seed, out Header))
        {
            damage = "the batch's header is damaged";
            return false;
        }

        damage = Contradiction(end);
        if (damage is not null)
        {
            return false;
        }

        if (checkRecords)
        {
            var batch = Take(Header.Length, end);
            if (batch.Length < Header.Length || Crc32C.Of(batch[Header.RecordsAt..]) != Header.RecordsCrc)
            {
                damage = "the batch's records are damaged";
                return false;
            }

            _recordsAt = (int)(Position - _pieceAt) + Header.RecordsAt;
            _recordsLength = Header.Length - Header.RecordsAt;
        }
        else
        {
            Header.Producer = BatchHeader.ReadProducer(head, Header);
        }

        segment.Note(new Segment.Mark(Position, Header.BaseOffset, Header.LogTime, _previousCrc));
        Position += Header.Length;
        NextOffset += Header.Count;
        _previousCrc = Header.Crc;
        _previousStamp = Header.LogTime;
        return true;
    }

    private string? Contradiction(long end)
    {
        if (Header.PreviousCrc != _previousCrc)
        {
            return "the batch does not follow the one before it";
        }

        if (Header.TopicId != segment.Header.TopicId || Header.Partition != segment.Header.Partition)
        {
            return $"the batch belongs to topic {Header.TopicId}, partition {Header.Partition}";
        }

        if (Header.BaseOffset != NextOffset)
        {
            return $"the batch begins with offset {Header.BaseOffset}, not {NextOffset}";
        }

        if (Header.LogTime <= _previousStamp)
        {
            return "the batch's log time does not rise";
        }

        return Header.Length > end - Position ? "the batch ends early" : null;
    }

    private ReadOnlySpan<byte> Take(long length, long end)
    {
        var at = Position - _pieceAt;
        if (at < 0 || at + length > _pieceLength)
        {
            var wanted = Math.Min(end - Position, Math.Max(length, ReadAheadBytes));
            if (_piece.Length < wanted)
            {
                _piece = GC.AllocateUninitializedArray<byte>((int)wanted);
            }

            _pieceAt = Position;
            _pieceLength = file.Read(_piece.AsSpan(0, (int)wanted), Position);
            at = 0;
        }

        return _piece.AsSpan((int)at, (int)Math.Min(length, _pieceLength - at));
    }
}
