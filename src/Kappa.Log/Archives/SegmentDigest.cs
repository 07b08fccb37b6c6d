using System.Security.Cryptography;

namespace Kappa.Log.Archives;

/// <summary>What a manifest says of a sealed segment: walked, verified and hashed from the disk.</summary>
internal static class SegmentDigest
{
    private const int PieceBytes = 256 << 10;

    /// <param name="partition">Its partition.</param>
    /// <param name="segment">The segment.</param>
    /// <param name="file">Its file.</param>
    /// <param name="revision">How many erasures it has been through.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="KappaException">The segment is damaged.</exception>
    public static ArchiveEntry Of(
        Partition partition, Segment segment, IFile file, int revision, CancellationToken cancel)
    {
        var end = segment.End;
        var header = segment.Header;
        var walk = new SegmentWalk(file, segment, segment.First, isNoted: false);
        var nothing = Place.EndOf(header.PreviousStamp);
        var first = nothing;
        var last = nothing;
        string? damage;
        while (walk.TryNext(end, out damage))
        {
            cancel.ThrowIfCancellationRequested();
            first = first == nothing ? new Place(walk.Header.LogTime, 1) : first;
            last = new Place(walk.Header.LogTime, walk.Header.Count);
        }

        if (damage is not null || walk.Position != end)
        {
            throw Damage.Error(
                segment.Path, partition.Topic, partition.Number, walk.NextOffset, walk.Position,
                damage ?? "the file ends early");
        }

        return new ArchiveEntry(
            header.Number, header.SegmentId, partition.Number, header.BaseOffset, walk.NextOffset - header.BaseOffset,
            first, last, end, HashOf(file, end, cancel), walk.LastCrc, revision);
    }

    public static string HashOf(IFile file, long length, CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var piece = new byte[PieceBytes];
        var at = 0L;
        while (at < length)
        {
            cancel.ThrowIfCancellationRequested();
            var read = file.Read(piece.AsSpan(0, (int)Math.Min(piece.Length, length - at)), at);
            if (read == 0)
            {
                break;
            }

            hash.AppendData(piece, 0, read);
            at += read;
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
