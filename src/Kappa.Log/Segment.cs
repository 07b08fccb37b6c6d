using System.Globalization;

namespace Kappa.Log;

/// <summary>
/// One file of a partition, as readers see it: everything before <see cref="End"/> is durable and never changes. The
/// sparse index is in memory, grows as batches pass by (written, recovered or read), and is never trusted for content.
/// </summary>
internal sealed class Segment(
    string path, in SegmentHeader header, long end, int firstAt = SegmentHeader.Size)
{
    private const int IndexEveryBytes = 256 << 10;
    private readonly Lock _lock = new();
    private readonly List<Mark> _marks = [];
    private long _end = end;

    public string Path { get; } = path;

    public SegmentHeader Header { get; } = header;

    /// <summary>The seed of its checksums.</summary>
    public uint Seed { get; } = header.ChainStart;

    /// <summary>Where its readable bytes end.</summary>
    public long End
    {
        get => Volatile.Read(ref _end);
        set => Volatile.Write(ref _end, value);
    }

    /// <summary>The name of a partition's nth segment, from 1.</summary>
    public static string NameOf(int number) => number.ToString("D8", CultureInfo.InvariantCulture) + ".segment";

    /// <summary>The batch that begins at a position passed by.</summary>
    public void Note(in Mark mark)
    {
        lock (_lock)
        {
            if (_marks.Count == 0 || mark.Position >= _marks[^1].Position + IndexEveryBytes)
            {
                _marks.Add(mark);
            }
        }
    }

    /// <summary>A place to walk from towards the first batch stamped at or after a time.</summary>
    public Mark BeforeStamp(long logTime) => Before(mark => mark.LogTime <= logTime);

    /// <summary>A place to walk from towards the batch with an offset.</summary>
    public Mark BeforeOffset(long offset) => Before(mark => mark.BaseOffset <= offset);

    private Mark Before(Func<Mark, bool> isBefore)
    {
        var best = new Mark(firstAt, Header.BaseOffset, Header.PreviousStamp + 1, Seed);
        lock (_lock)
        {
            var low = 0;
            var high = _marks.Count;
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (isBefore(_marks[middle]))
                {
                    best = _marks[middle];
                    low = middle + 1;
                }
                else
                {
                    high = middle;
                }
            }
        }

        return best;
    }

    /// <summary>A batch in the file: where it begins, what it begins with, a time behind the
    /// stamp before it and at most its own, and the checksum its chain continues.</summary>
    public readonly record struct Mark(long Position, long BaseOffset, long LogTime, uint PreviousCrc);
}
