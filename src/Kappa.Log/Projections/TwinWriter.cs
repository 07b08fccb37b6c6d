using System.Buffers;

namespace Kappa.Log.Projections;

/// <summary>Writes the twin of one segment: aside, synced, renamed, so that it is whole or not there.</summary>
/// <param name="files">The disk.</param>
/// <param name="folder">Where twins lie.</param>
/// <param name="raw">The segment.</param>
/// <param name="projection">How its values are typed.</param>
/// <param name="source">The segment's file, which stays the caller's; null: it is opened by its path.</param>
internal sealed class TwinWriter(
    IFileSystem files, string folder, Segment raw, Projection projection, IFile? source = null)
{
    private const int PieceBytes = 1 << 20;

    private readonly TimeRange[] _times = [.. projection.TimeColumns.Select(_ => TimeRange.None)];
    private readonly ArrayBufferWriter<byte> _value = new(256);
    private readonly ArrayBufferWriter<byte> _records = new(64 << 10);
    private readonly ArrayBufferWriter<byte> _piece = new(PieceBytes + (128 << 10));
    private long _position;
    private long _count;
    private long _marks;
    private uint _previousCrc;

    /// <summary>Writes it; null where the segment is damaged, which whoever reads that will say.</summary>
    /// <param name="end">Where the part of the segment ends that it is a twin of.</param>
    /// <param name="rest">Called now and then, to be slow.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="KappaException">The disk did not take it; nothing is left of it.</exception>
    public async ValueTask<Twin?> WriteAsync(
        long end, Func<CancellationToken, ValueTask> rest, CancellationToken cancel)
    {
        files.CreateFolder(folder);
        var path = Path.Combine(folder, Twin.NameOf(raw.Header.SegmentId, projection.Key));
        var aside = path + ".new";
        files.Delete(aside);
        try
        {
            TwinHeader? header;
            using (var file = files.Open(aside, FileIntent.Create))
            {
                header = await WriteAsync(file, end, rest, cancel);
            }

            if (header is null)
            {
                files.Delete(aside);
                return null;
            }

            files.Rename(aside, path);
            files.SyncFolder(folder);
            return new Twin(path, header);
        }
        catch
        {
            Forget(aside);
            throw;
        }
    }

    private async ValueTask<TwinHeader?> WriteAsync(
        IFile file, long end, Func<CancellationToken, ValueTask> rest, CancellationToken cancel)
    {
        // An id of its own, so that no batch of another file matches (rule L10).
        var segment = raw.Header with { SegmentId = Guid.NewGuid(), OwnEnd = 0 };
        _position = TwinHeader.SizeOf(projection.TimeColumns);
        _previousCrc = segment.ChainStart;
        using var own = source is null ? files.Open(raw.Path, FileIntent.Read) : null;
        var walk = new SegmentWalk(source ?? own!, raw, raw.First);
        var at = walk.Position;
        while (walk.TryNext(end, out _))
        {
            Add(walk.Header, walk.Records, at, segment.ChainStart);
            at = walk.Position;
            if (_piece.WrittenCount >= PieceBytes)
            {
                Flush(file);
                await rest(cancel);
                cancel.ThrowIfCancellationRequested();
            }
        }

        if (walk.Position != end)
        {
            return null;
        }

        Flush(file);
        var header = new TwinHeader(
            segment, raw.Header.SegmentId, projection.Key, end, _position, _count, _marks,
            [.. projection.TimeColumns.Select((name, index) => (name, _times[index]))]);
        file.Write(header.ToBytes(), 0);
        file.Sync();
        return header;
    }

    private void Add(in BatchHeader of, ReadOnlySpan<byte> records, long rawAt, uint seed)
    {
        _records.ResetWrittenCount();
        var batch = new RecordBatch("", of.Partition, of.BaseOffset, of.LogTime, of.Count, default);
        var from = new RecordEnumerator(batch, records);
        while (from.MoveNext())
        {
            Add(from.Current);
        }

        _count += of.Count;
        var header = new BatchHeader
        {
            Length = BatchHeader.Size + _records.WrittenCount,
            RecordsCrc = Crc32C.Of(_records.WrittenSpan),
            PreviousCrc = _previousCrc,
            TopicId = of.TopicId,
            Partition = of.Partition,
            Count = of.Count,
            BaseOffset = of.BaseOffset,
            LogTime = of.LogTime,
            GroupStart = rawAt,
            DurableTo = of.PreviousCrc,
        };
        var into = _piece.GetSpan(header.Length);
        header.Write(into, seed);
        _records.WrittenSpan.CopyTo(into[BatchHeader.Size..]);
        _piece.Advance(header.Length);
        _previousCrc = header.Crc;
    }

    private void Add(in Record record)
    {
        _value.ResetWrittenCount();
        var isTyped = record.HasValue && projection.TryWrite(record, _value, _times);
        RecordCodec.WriteVarint(_records, 0);
        if (isTyped)
        {
            RecordCodec.WriteVarint(_records, (uint)_value.WrittenCount + 2);
            _records.Write(_value.WrittenSpan);
        }
        else
        {
            // No value is the mark of one that only the record itself tells about.
            RecordCodec.WriteVarint(_records, record.IsErased ? 1u : 0u);
            _marks += record.IsErased ? 0 : 1;
        }

        RecordCodec.WriteVarint(_records, 0);
    }

    private void Flush(IFile file)
    {
        file.Write(_piece.WrittenSpan, _position);
        _position += _piece.WrittenCount;
        _piece.ResetWrittenCount();
    }

    private void Forget(string aside)
    {
        try
        {
            files.Delete(aside);
        }
        catch (KappaException)
        {
            // The error that comes out says more; the next start deletes what is left.
        }
    }
}
