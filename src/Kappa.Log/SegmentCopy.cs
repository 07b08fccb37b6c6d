namespace Kappa.Log;

/// <summary>
/// Copies one segment up to a place, beside the writer, and verifies what was copied: what is damaged is named, and
/// never becomes part of a copy.
/// </summary>
internal sealed class SegmentCopy(IFileSystem files, Partition partition, Place upTo, CancellationToken cancel)
{
    /// <summary>Where the next record would be; the next segment must begin here.</summary>
    public long NextOffset { get; private set; } = partition.StartOffset;

    /// <summary>Copies a segment; null where nothing of it lies before the place.</summary>
    /// <param name="raw">The segment.</param>
    /// <param name="to">The file to be made.</param>
    /// <param name="isFirst">
    /// Do only archives have what is before (rule L9)? Then its header is copied at least: a partition that has begun
    /// has a segment.
    /// </param>
    /// <exception cref="KappaException">Corrupt: it is damaged. Else: the disk did not read or keep it.</exception>
    public (long Bytes, string Sha256)? Run(Segment raw, string to, bool isFirst)
    {
        if (raw.Header.PreviousStamp > upTo.LogTime)
        {
            return null;
        }

        var cut = CutOf(raw);
        if (cut == SegmentHeader.Size && !isFirst)
        {
            return null;
        }

        var copied = FileCopy.Run(files, raw.Path, to, cut, cancel);
        Verify(raw, cut, to);
        return copied;
    }

    /// <summary>Where the first batch behind the place begins.</summary>
    private long CutOf(Segment raw)
    {
        using var file = files.Open(raw.Path, FileIntent.Read);
        var end = raw.End;
        var walk = new SegmentWalk(
            file, raw, raw.BeforeStamp(upTo.LogTime, file, files), checkRecords: false, isNoted: false);
        var cut = walk.Position;
        string? damage;
        while (walk.TryNext(end, out damage) && walk.Header.LogTime <= upTo.LogTime)
        {
            cancel.ThrowIfCancellationRequested();
            cut = walk.Position;
        }

        return damage is not null
            ? throw DamageIn(raw, walk.NextOffset, walk.Position, damage)
            : cut;
    }

    private void Verify(Segment raw, long cut, string to)
    {
        using var file = files.Open(to, FileIntent.Read);
        var bytes = new byte[SegmentHeader.Size];
        var wrong = SegmentHeader.TryRead(bytes.AsSpan(0, file.Read(bytes, 0)), out var header);
        if (wrong is null && (header != raw.Header || header.BaseOffset != NextOffset))
        {
            wrong = $"it is segment {header.Number} from offset {header.BaseOffset};"
                + $" segment {raw.Header.Number} from offset {NextOffset} is due here";
        }

        if (wrong is not null)
        {
            throw DamageIn(raw, NextOffset, 0, wrong);
        }

        var copy = new Segment(to, header, cut);
        var walk = new SegmentWalk(file, copy, copy.First, isNoted: false);
        while (walk.TryNext(cut, out wrong))
        {
            cancel.ThrowIfCancellationRequested();
        }

        NextOffset = walk.NextOffset;
        if (wrong is not null)
        {
            throw DamageIn(raw, walk.NextOffset, walk.Position, wrong);
        }
    }

    private KappaException DamageIn(Segment raw, long offset, long position, string what) =>
        Damage.Error(raw.Path, partition.Topic, partition.Number, offset, position, what);
}
