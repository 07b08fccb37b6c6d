using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Kappa.Log;
using Kappa.Tables;

namespace Kappa.Streams.Runtime;

/// <summary>
/// A version's state files (docs/formats/state.md): sparse, each whole, each with its own place (rule C1). They are a
/// cache of the log: one that is damaged or of other code is passed over, and the state computed again (rule C2).
/// </summary>
internal sealed class StateFiles(IFileSystem files, string folder, string identity)
{
    private const int Kept = 2;
    private const int HashBytes = 32;
    private const int PieceBytes = 1 << 20;
    private static readonly byte[] Magic = "KSTATE02"u8.ToArray();

    private string Folder { get; } = folder;

    public static string FolderOf(string root, JobVersion version) => Path.Combine(root, version.ToString());

    /// <summary>
    /// Writes the state at a place, durably, piece by piece, and deletes all but the newest.
    /// </summary>
    public void Write(Place place, Action<StateWriter> save)
    {
        files.CreateFolder(Folder);
        var path = Path.Combine(Folder, NameOf(place));
        var aside = path + ".new";
        files.Delete(aside);
        using (var file = files.Open(aside, FileIntent.Create))
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var end = 0L;
            var into = new StateWriter(bytes =>
            {
                file.Write(bytes, end);
                hash.AppendData(bytes);
                end += bytes.Length;
            });
            into.Write(Head(place));
            save(into);
            into.Flush();
            file.Write(hash.GetHashAndReset(), end);
            file.Sync();
        }

        files.Rename(aside, path);
        files.SyncFolder(Folder);
        foreach (var old in Names().Skip(Kept))
        {
            files.Delete(Path.Combine(Folder, old));
        }
    }

    /// <summary>The newest whole state at or before a place; null for none.</summary>
    public StateFile? OpenNewest(Place atMost)
    {
        foreach (var name in Names())
        {
            var file = files.Open(Path.Combine(Folder, name), FileIntent.Read);
            if (PlaceOf(file) is { } place && place <= atMost)
            {
                return new StateFile(
                    place, new StateReader(file, Head(place).Length, file.Length - HashBytes), file);
            }

            file.Dispose();
        }

        return null;
    }

    /// <summary>The place of the oldest file that is kept; the start where there is none.</summary>
    public Place Oldest() => Names().LastOrDefault() is { Length: 37 } name
        && long.TryParse(name.AsSpan(0, 20), NumberStyles.None, CultureInfo.InvariantCulture, out var logTime)
        && int.TryParse(name.AsSpan(21, 10), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? new Place(logTime, index) : Place.Start;

    /// <summary>Deletes everything of the version.</summary>
    public static void Delete(IFileSystem files, string root, JobVersion version)
    {
        var folder = FolderOf(root, version);
        foreach (var name in files.List(folder))
        {
            files.Delete(Path.Combine(folder, name));
        }
    }

    /// <summary>The place of a whole file of this identity; null for any other.</summary>
    private Place? PlaceOf(IFile file)
    {
        var head = new byte[Head(default).Length];
        if (file.Length < head.Length + HashBytes || file.Read(head, 0) < head.Length)
        {
            return null;
        }

        var place = new Place(
            BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(Magic.Length)),
            BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(Magic.Length + 8)));
        return head.AsSpan().SequenceEqual(Head(place)) && IsWhole(file) ? place : null;
    }

    private static bool IsWhole(IFile file)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var piece = new byte[PieceBytes];
        var end = file.Length - HashBytes;
        for (var at = 0L; at < end;)
        {
            var read = file.Read(piece.AsSpan(0, (int)Math.Min(piece.Length, end - at)), at);
            if (read == 0)
            {
                return false;
            }

            hash.AppendData(piece.AsSpan(0, read));
            at += read;
        }

        Span<byte> stored = stackalloc byte[HashBytes];
        return file.Read(stored, end) == HashBytes && hash.GetHashAndReset().AsSpan().SequenceEqual(stored);
    }

    private byte[] Head(Place place)
    {
        var head = new byte[Magic.Length + 12 + 32];
        Magic.CopyTo(head, 0);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(Magic.Length), place.LogTime);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(Magic.Length + 8), place.Index);
        SHA256.HashData(Encoding.UTF8.GetBytes(identity), head.AsSpan(Magic.Length + 12));
        return head;
    }

    /// <summary>Newest first: names begin with the log time in fixed width.</summary>
    private IEnumerable<string> Names() => files.List(Folder)
        .Where(name => name.EndsWith(".state", StringComparison.Ordinal)).OrderDescending(StringComparer.Ordinal);

    private static string NameOf(Place place) =>
        string.Create(CultureInfo.InvariantCulture, $"{place.LogTime:D20}-{place.Index:D10}.state");
}

/// <summary>A state file that is read.</summary>
internal sealed record StateFile(Place Place, StateReader State, IFile File) : IDisposable
{
    public void Dispose() => File.Dispose();
}
