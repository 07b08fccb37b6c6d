using System.Buffers;

namespace Kappa.Log;

/// <summary>Which records are erased; a record's offset, stamp and place stay (rule L10).</summary>
/// <param name="record">A record.</param>
internal delegate bool Erased(in Record record);

/// <summary>
/// Writes a sealed segment again with some values erased, aside: the same batches with the same offsets, stamps and
/// numbers, under a new id, so that no checksum of the old one fits any more.
/// </summary>
/// <param name="files">The disk.</param>
/// <param name="partition">The partition.</param>
/// <param name="old">The segment.</param>
/// <param name="isErased">Which records.</param>
/// <param name="withKeys">Does the key of an erased record go, too?</param>
internal sealed class SegmentRewrite(
    IFileSystem files, Partition partition, Segment old, Erased isErased, bool withKeys)
{
    private const int PieceBytes = 1 << 20;
    private readonly ArrayBufferWriter<byte> _piece = new(PieceBytes + (256 << 10));
    private readonly ArrayBufferWriter<byte> _records = new(64 << 10);
    private long _position = SegmentHeader.Size;
    private long _groupStart = SegmentHeader.Size;
    private uint _previousCrc;

    /// <summary>How many records were erased, those not counted that were so before.</summary>
    public long Count { get; private set; }

    /// <summary>The file beside the segment.</summary>
    public string Aside { get; } = old.Path + ".new";

    /// <summary>Writes it and syncs it; null where nothing in it is to be erased.</summary>
    /// <exception cref="KappaException">
    /// The segment is damaged, or the disk did not take it: then nothing has changed.
    /// </exception>
    public SegmentHeader? Write(CancellationToken cancel)
    {
        var header = old.Header with { SegmentId = Guid.NewGuid(), Format = SegmentHeader.FormatVersion };
        _previousCrc = header.ChainStart;
        files.Delete(Aside);
        try
        {
            using (var file = files.Open(Aside, FileIntent.Create))
            {
                Copy(file, header.ChainStart, cancel);
                header = header with { OwnEnd = _position };
                var bytes = new byte[SegmentHeader.Size];
                header.Write(bytes);
                file.Write(bytes, 0);
                file.Sync();
            }

            if (Count > 0)
            {
                return header;
            }

            files.Delete(Aside);
            return null;
        }
        catch
        {
            Forget();
            throw;
        }
    }

    /// <summary>Deletes what is written aside.</summary>
    public void Forget()
    {
        try
        {
            files.Delete(Aside);
        }
        catch (KappaException)
        {
            // The error that comes out says more; the next opening deletes what is left.
        }
    }

    private void Copy(IFile into, uint seed, CancellationToken cancel)
    {
        var (segment, source) = partition.Open(old.Header.Number);
        using var owned = source;
        var walk = new SegmentWalk(source, segment, segment.First, isNoted: false);
        var at = walk.Position;
        string? damage;
        while (walk.TryNext(segment.End, out damage))
        {
            cancel.ThrowIfCancellationRequested();
            Add(walk, source, at, seed);
            at = walk.Position;
            if (_piece.WrittenCount >= PieceBytes)
            {
                Flush(into);
            }
        }

        if (damage is not null)
        {
            throw Damage.Error(
                segment.Path, partition.Topic, partition.Number, walk.NextOffset, walk.Position, damage);
        }

        Flush(into);
    }

    private void Add(SegmentWalk walk, IFile source, long at, uint seed)
    {
        var header = walk.Header;
        var head = new byte[header.RecordsAt];
        source.Read(head, at);
        header.Producer = BatchHeader.ReadProducer(head, header);
        ReadOnlyMemory<byte> records;
        if (TryErase(walk))
        {
            records = _records.WrittenMemory;
            var stored = header.Codec == 0 ? null : CompressedRecords.TryCompress(records.Span);
            header.Codec = stored is null ? (byte)0 : header.Codec;
            records = stored ?? records;
        }
        else
        {
            var stored = new byte[header.Length - header.RecordsAt];
            source.Read(stored, at + header.RecordsAt);
            records = stored;
        }

        header.Length = header.RecordsAt + records.Length;
        header.RecordsCrc = Crc32C.Of(records.Span);
        header.PreviousCrc = _previousCrc;
        header.GroupStart = NewGroupStart(header.GroupStart, at);
        var into = _piece.GetSpan(header.Length);
        records.Span.CopyTo(into[header.RecordsAt..]);
        header.Write(into, seed);
        _piece.Advance(header.Length);
        _previousCrc = header.Crc;
    }

    private bool TryErase(SegmentWalk walk)
    {
        var before = Count;
        _records.ResetWrittenCount();
        var header = walk.Header;
        var batch = new RecordBatch(
            partition.Topic, header.Partition, header.BaseOffset, header.LogTime, header.Count, default);
        var from = new RecordEnumerator(batch, walk.Records);
        var start = 0;
        while (from.MoveNext())
        {
            if (!from.Current.IsErased && isErased(from.Current))
            {
                Erase(from.Current);
                Count++;
            }
            else
            {
                _records.Write(walk.Records[start..from.EncodedEnd]);
            }

            start = from.EncodedEnd;
        }

        return Count > before;
    }

    private void Erase(in Record record)
    {
        var hasKey = record.HasKey && !withKeys;
        RecordCodec.WriteVarint(_records, hasKey ? (uint)record.Key.Length + 1 : 0);
        if (hasKey)
        {
            _records.Write(record.Key);
        }

        RecordCodec.WriteVarint(_records, 1);
        RecordCodec.WriteVarint(_records, 0);
    }

    private long NewGroupStart(long oldStart, long at)
    {
        if (oldStart == at)
        {
            _groupStart = _position + _piece.WrittenCount;
        }

        return _groupStart;
    }

    private void Flush(IFile into)
    {
        into.Write(_piece.WrittenSpan, _position);
        _position += _piece.WrittenCount;
        _piece.ResetWrittenCount();
    }
}
