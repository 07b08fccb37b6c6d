using Kappa.Log.Projections;

namespace Kappa.Log;

/// <summary>
/// Walks the batches of one segment from a mark, verifying chain, offsets, stamps and checksums. Reads the file in
/// large pieces into one buffer of its own.
/// </summary>
internal sealed class SegmentWalk(
    IFile file, Segment segment, Segment.Mark from, bool checkRecords = true, ReadPieces? pieces = null,
    bool isNoted = true)
{
    private ReadPiece _piece = ReadPiece.None;
    private ReadPiece _plain = ReadPiece.None;
    private ReadPiece _holder = ReadPiece.None;
    private int _plainUsed;
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

    /// <summary>
    /// The batch's encoded records as they came, where they are checked; valid until the next step.
    /// </summary>
    public ReadOnlySpan<byte> Records => _holder.Bytes.AsSpan(_recordsAt, _recordsLength);

    /// <summary>A batch over the records, whose memory stays until it is given back.</summary>
    public RecordBatch Lend(Partition partition, RecordBatch into, TypedSegment? typed = null)
    {
        _holder.Users++;
        return into.Become(partition, Header, _holder, _recordsAt, _recordsLength, typed);
    }

    /// <summary>Gives back what it read last.</summary>
    public void Close()
    {
        pieces?.Release(_piece);
        pieces?.Release(_plain);
        _piece = _plain = _holder = ReadPiece.None;
    }

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

            damage = Header.Codec == 0 ? null : Expand(batch[Header.RecordsAt..]);
            if (damage is not null)
            {
                return false;
            }

            if (Header.Codec == 0)
            {
                _holder = _piece;
                _recordsAt = (int)(Position - _pieceAt) + Header.RecordsAt;
                _recordsLength = Header.Length - Header.RecordsAt;
            }
        }
        else
        {
            Header.Producer = BatchHeader.ReadProducer(head, Header);
        }

        if (isNoted)
        {
            segment.Note(new Segment.Mark(Position, Header.BaseOffset, Header.LogTime, _previousCrc));
        }

        Position += Header.Length;
        NextOffset += Header.Count;
        _previousCrc = Header.Crc;
        _previousStamp = Header.LogTime;
        return true;
    }

    /// <summary>Compressed records into memory of their own; says what is wrong with them.</summary>
    private string? Expand(ReadOnlySpan<byte> stored)
    {
        if (Header.Codec != CompressedRecords.Brotli)
        {
            return $"the batch is stored by codec {Header.Codec}, which this Kappa does not know";
        }

        if (CompressedRecords.TryLength(stored, Header.Count, out var length) is { } wrong)
        {
            return wrong;
        }

        if (pieces is null || _plain.Users == 1)
        {
            // Nobody else looks at what was there.
            _plainUsed = 0;
        }

        if (_plainUsed + length > _plain.Bytes.Length)
        {
            pieces?.Release(_plain);
            _plain = pieces?.Take(length) ?? new ReadPiece(length);
            _plainUsed = 0;
        }

        if (!CompressedRecords.TryExpand(stored, _plain.Bytes.AsSpan(_plainUsed, length)))
        {
            return $"the batch's records do not become the {length} bytes they claim";
        }

        _holder = _plain;
        _recordsAt = _plainUsed;
        _recordsLength = length;
        _plainUsed += length;
        return null;
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
            Read(Math.Min(end - Position, Math.Max(length, ReadPieces.Size)));
            at = 0;
        }

        return _piece.Bytes.AsSpan((int)at, (int)Math.Min(length, _pieceLength - at));
    }

    private void Read(long wanted)
    {
        // What was read before and not passed yet moves along: nothing is read twice.
        var before = _piece;
        var at = Position - _pieceAt;
        var kept = at >= 0 && at < _pieceLength ? (int)(_pieceLength - at) : 0;
        if (pieces is not null)
        {
            _piece = pieces.Take((int)wanted);
        }
        else if (_piece.Bytes.Length < wanted)
        {
            _piece = new ReadPiece((int)wanted);
        }

        if (kept > 0)
        {
            before.Bytes.AsSpan((int)at, kept).CopyTo(_piece.Bytes);
        }

        pieces?.Release(before);
        _pieceAt = Position;
        _pieceLength = kept + (wanted > kept
            ? file.Read(_piece.Bytes.AsSpan(kept, (int)wanted - kept), Position + kept)
            : 0);
    }
}
