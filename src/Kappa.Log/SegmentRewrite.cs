using System.Buffers;
using Kappa.Log.Erasures;

namespace Kappa.Log;

/// <summary>Which records are erased; a record's offset, stamp and place stay (rule L10).</summary>
/// <param name="record">A record.</param>
internal delegate bool Erased(in Record record);

/// <summary>
/// Writes a sealed segment again with some values erased, aside: the same batches with the same offsets, stamps and
/// numbers, under a new id, so that no checksum of the old one fits any more.
/// </summary>
/// <param name="files">The disk.</param>
/// <param name="topic">The topic.</param>
/// <param name="old">The segment.</param>
/// <param name="source">Its file, which stays the caller's.</param>
/// <param name="aside">Where the new one is written.</param>
/// <param name="what">What goes of which records; asked for those of which something can go still.</param>
internal sealed class SegmentRewrite(
    IFileSystem files, string topic, Segment old, IFile source, string aside, Eraser what)
{
    private const int PieceBytes = 1 << 20;
    private readonly ArrayBufferWriter<byte> _piece = new(PieceBytes + (256 << 10));
    private readonly ArrayBufferWriter<byte> _records = new(64 << 10);
    private long _position = SegmentHeader.Size;
    private long _groupStart = SegmentHeader.Size;
    private uint _previousCrc;

    /// <summary>The records of which something went now.</summary>
    public OffsetRanges Offsets { get; } = new();

    /// <summary>The file it is written to.</summary>
    public string Aside => aside;

    /// <summary>What the segment was, once it is written.</summary>
    public SegmentState? Before { get; private set; }

    /// <summary>What it becomes, once it is written.</summary>
    public SegmentState? After { get; private set; }

    /// <summary>Writes it and syncs it.</summary>
    /// <param name="isNeeded">Is it to be written though nothing in it is to be erased?</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Its header; null where nothing in it is to be erased, and nothing is left of it.</returns>
    /// <exception cref="KappaException">
    /// The segment is damaged, or the disk did not take it: then nothing has changed.
    /// </exception>
    public SegmentHeader? Write(bool isNeeded, CancellationToken cancel)
    {
        var header = old.Header with { SegmentId = Guid.NewGuid(), Format = SegmentHeader.FormatVersion };
        _previousCrc = header.ChainStart;
        files.Delete(aside);
        try
        {
            using (var file = files.Open(aside, FileIntent.Create))
            {
                Copy(file, header.ChainStart, cancel);
                if (Offsets.Count > 0 || isNeeded)
                {
                    header = header with { OwnEnd = _position };
                    var bytes = new byte[SegmentHeader.Size];
                    header.Write(bytes);
                    file.Write(bytes, 0);
                    file.Sync();
                    After = new SegmentState(header.SegmentId, _position, _previousCrc);
                    return header;
                }
            }

            files.Delete(aside);
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
            files.Delete(aside);
        }
        catch (KappaException)
        {
            // The error that comes out says more; the next opening deletes what is left.
        }
    }

    private void Copy(IFile into, uint seed, CancellationToken cancel)
    {
        var walk = new SegmentWalk(source, old, old.First, isNoted: false);
        var at = walk.Position;
        string? damage;
        while (walk.TryNext(old.End, out damage))
        {
            cancel.ThrowIfCancellationRequested();
            Add(walk, at, seed);
            at = walk.Position;
            if (_piece.WrittenCount >= PieceBytes)
            {
                Flush(into);
            }
        }

        if (damage is not null)
        {
            throw Damage.Error(old.Path, topic, old.Header.Partition, walk.NextOffset, walk.Position, damage);
        }

        Before = new SegmentState(old.Header.SegmentId, walk.Position, walk.LastCrc);
        Flush(into);
    }

    private void Add(SegmentWalk walk, long at, uint seed)
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
        var before = Offsets.Count;
        _records.ResetWrittenCount();
        var header = walk.Header;
        var batch = new RecordBatch(
            topic, header.Partition, header.BaseOffset, header.LogTime, header.Count, default);
        var from = new RecordEnumerator(batch, walk.Records);
        var start = 0;
        while (from.MoveNext())
        {
            var goes = Erasings.IsLeft(from.Current) ? what(from.Current) : Erasing.Nothing;
            if (goes > Erasings.Of(from.Current))
            {
                Erase(from.Current, hasKey: from.Current.HasKey && goes == Erasing.Value);
                Offsets.Add(from.Current.Offset);
            }
            else
            {
                _records.Write(walk.Records[start..from.EncodedEnd]);
            }

            start = from.EncodedEnd;
        }

        return Offsets.Count > before;
    }

    private void Erase(in Record record, bool hasKey)
    {
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
