using System.Buffers.Binary;
using System.Globalization;

namespace Kappa.Crash;

/// <summary>What a mistaken log does not look at when it reads a segment.</summary>
internal enum ReadMistake
{
    HeadersNotChecked,
    RecordsNotChecked,

    /// <summary>What lies behind the end that the next segment states is taken for records.</summary>
    VoidIsRead,
}

/// <summary>A disk whose bytes look to the log as if it did not check them.</summary>
internal sealed class PlantedReads(IFileSystem inner, ReadMistake mistake) : PlantedFiles(inner)
{
    protected override int Read(IFile file, string path, Span<byte> into, long position)
    {
        if (!IsSegment(path) || file.Length < SegmentHeader.Size)
        {
            return base.Read(file, path, into, position);
        }

        var whole = Whole(file);
        if (mistake == ReadMistake.VoidIsRead)
        {
            Lengthen(whole, path);
        }
        else
        {
            BatchPatch.Seal(whole, 0, mistake == ReadMistake.RecordsNotChecked);
        }

        return Serve(whole, into, position);
    }

    private void Lengthen(byte[] segment, string path)
    {
        var number = int.Parse(Path.GetFileNameWithoutExtension(path), CultureInfo.InvariantCulture);
        var before = Path.Combine(Path.GetDirectoryName(path)!, Segment.NameOf(number - 1));
        if (number > 1 && Inner.Exists(before) && SegmentHeader.TryRead(segment, out var header) is null)
        {
            using var file = Inner.Open(before, FileIntent.Read);
            (header with { PreviousEnd = file.Length }).Write(segment);
        }
    }
}

/// <summary>A log that stamps by the wall clock alone.</summary>
internal sealed class StampedByWall(IFileSystem inner, TimeProvider time) : PlantedFiles(inner)
{
    protected override void Write(IFile file, string path, ReadOnlySpan<byte> bytes, long position)
    {
        if (!IsSegment(path) || position == 0)
        {
            base.Write(file, path, bytes, position);
            return;
        }

        var whole = new byte[position + bytes.Length];
        _ = file.Read(whole.AsSpan(0, (int)position), 0);
        bytes.CopyTo(whole.AsSpan((int)position));
        var stamp = time.GetUtcNow().UtcTicks;
        foreach (var at in BatchPatch.Starts(whole).Where(at => at >= position).ToList())
        {
            BinaryPrimitives.WriteInt64LittleEndian(whole.AsSpan(at + 40), stamp++);
        }

        BatchPatch.Seal(whole, (int)position, isOfRecords: false);
        base.Write(file, path, whole.AsSpan((int)position), position);
    }
}
