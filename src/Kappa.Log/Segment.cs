using System.Globalization;

namespace Kappa.Log;

/// <summary>
/// One file of a partition, as readers see it: everything before <see cref="End"/> is durable and never changes. Its
/// sparse index grows in memory as batches pass by; once the segment is sealed it lies beside it in a file. It is never
/// trusted for content, nor for where to begin without a look at the segment.
/// </summary>
internal sealed class Segment(
    string path, in SegmentHeader header, long end, int firstAt = SegmentHeader.Size)
{
    private const int IndexEveryBytes = 256 << 10;
    private readonly Lock _lock = new();
    private readonly List<Mark> _marks = [];
    private WeakReference<Mark[]>? _index;
    private volatile bool _isSealed;
    private long _end = end;
    private long _firstStamp;

    public string Path { get; } = path;

    public SegmentHeader Header { get; } = header;

    /// <summary>The seed of its checksums.</summary>
    public uint Seed { get; } = header.ChainStart;

    /// <summary>Nothing is added to it any more.</summary>
    public bool IsSealed => _isSealed;

    /// <summary>Stamp of its first batch; 0 while there is none, or while it was not looked at.</summary>
    public long FirstStamp => Volatile.Read(ref _firstStamp);

    /// <summary>Where its readable bytes end.</summary>
    public long End
    {
        get => Volatile.Read(ref _end);
        set => Volatile.Write(ref _end, value);
    }

    /// <summary>Where to walk from to see all of it.</summary>
    public Mark First => new(firstAt, Header.BaseOffset, Header.PreviousStamp + 1, Seed);

    /// <summary>The name of a partition's nth segment, from 1.</summary>
    public static string NameOf(int number) => number.ToString("D8", CultureInfo.InvariantCulture) + ".segment";

    /// <summary>The number in a segment's name; 0 when it is no such name.</summary>
    public static int NumberOf(string name) =>
        name.Length == 16 && name.EndsWith(".segment", StringComparison.Ordinal)
        && int.TryParse(name.AsSpan(0, 8), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number : 0;

    /// <summary>The batch that begins at a position passed by.</summary>
    public void Note(in Mark mark)
    {
        if (_isSealed)
        {
            return;
        }

        lock (_lock)
        {
            if (_marks.Count == 0 || mark.Position >= _marks[^1].Position + IndexEveryBytes)
            {
                _marks.Add(mark);
                if (_marks.Count == 1)
                {
                    Volatile.Write(ref _firstStamp, mark.LogTime);
                }
            }
        }
    }

    /// <summary>Nothing is added any more; its index is in a file, or will be made when it is asked for.</summary>
    public void Seal() => _isSealed = true;

    /// <summary>Nothing is added any more, and all of it passed by: its index goes into a file.</summary>
    public void Seal(IFileSystem files)
    {
        Mark[] marks;
        lock (_lock)
        {
            _isSealed = true;
            marks = [.. _marks];
            _marks.Clear();
            _index = new WeakReference<Mark[]>(marks);
        }

        WriteIndex(files, marks);
    }

    /// <summary>A place to walk from towards the first batch stamped at or after a time.</summary>
    public Mark BeforeStamp(long logTime, IFile file, IFileSystem files) =>
        logTime <= Header.PreviousStamp ? First : Before(mark => mark.LogTime <= logTime, file, files);

    /// <summary>A place to walk from towards the batch with an offset.</summary>
    public Mark BeforeOffset(long offset, IFile file, IFileSystem files) =>
        offset == Header.BaseOffset ? First : Before(mark => mark.BaseOffset <= offset, file, files);

    private Mark Before(Func<Mark, bool> isBefore, IFile file, IFileSystem files)
    {
        lock (_lock)
        {
            if (!_isSealed)
            {
                return Search(_marks, isBefore);
            }

            if (_index is null || !_index.TryGetTarget(out var marks))
            {
                marks = ReadIndex(files) ?? MakeIndex(file, files);
                _index = new WeakReference<Mark[]>(marks);
            }

            var best = Search(marks, isBefore);
            if (!Fits(file, best))
            {
                marks = MakeIndex(file, files);
                _index = new WeakReference<Mark[]>(marks);
                best = Search(marks, isBefore);
            }

            return best;
        }
    }

    private Mark Search(IReadOnlyList<Mark> marks, Func<Mark, bool> isBefore)
    {
        var best = First;
        var low = 0;
        var high = marks.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (isBefore(marks[middle]))
            {
                best = marks[middle];
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return best;
    }

    /// <summary>Does the segment itself have the batch that a mark speaks of?</summary>
    private bool Fits(IFile file, in Mark mark)
    {
        if (mark == First)
        {
            return true;
        }

        Span<byte> head = stackalloc byte[BatchHeader.Size + Names.LengthMax];
        return mark.Position >= firstAt && mark.Position < End
            && BatchHeader.TryRead(head[..file.Read(head, mark.Position)], Seed, out var batch)
            && batch.BaseOffset == mark.BaseOffset && batch.LogTime == mark.LogTime
            && batch.PreviousCrc == mark.PreviousCrc;
    }

    private Mark[]? ReadIndex(IFileSystem files)
    {
        try
        {
            return AtomicFile.Read(files, SegmentIndex.PathOf(Path)) is { } bytes
                ? SegmentIndex.TryParse(bytes, Header, End)
                : null;
        }
        catch (KappaException)
        {
            // It is a cache: one that cannot be read is made again.
            return null;
        }
    }

    private Mark[] MakeIndex(IFile file, IFileSystem files)
    {
        // What is damaged in the segment ends the index there; whoever reads on from the last mark will say it.
        var seen = new Segment(Path, Header, End, firstAt);
        var walk = new SegmentWalk(file, seen, First, checkRecords: false);
        while (walk.TryNext(End, out _))
        {
        }

        Mark[] marks = [.. seen._marks];
        if (walk.Position == End)
        {
            WriteIndex(files, marks);
        }

        return marks;
    }

    private void WriteIndex(IFileSystem files, Mark[] marks)
    {
        try
        {
            // Not synced: what a loss of power leaves of it does not match its checksum.
            var path = SegmentIndex.PathOf(Path);
            files.Delete(path);
            using var index = files.Open(path, FileIntent.Create);
            index.Write(SegmentIndex.ToBytes(Header, End, marks), 0);
        }
        catch (KappaException)
        {
            // A disk without room costs the index, not the records: it is made when it is asked for.
        }
    }

    /// <summary>A batch in the file: where it begins, what it begins with, a time behind the
    /// stamp before it and at most its own, and the checksum its chain continues.</summary>
    public readonly record struct Mark(long Position, long BaseOffset, long LogTime, uint PreviousCrc);
}
