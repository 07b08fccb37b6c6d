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
    private static readonly byte[] Magic = "KSTATE01"u8.ToArray();

    private string Folder { get; } = folder;

    public static string FolderOf(string root, JobVersion version) => Path.Combine(root, version.ToString());

    /// <summary>Writes the state at a place, durably, and deletes all but the newest.</summary>
    public void Write(Place place, ReadOnlySpan<byte> state)
    {
        files.CreateFolder(Folder);
        var head = Head(place);
        var content = new byte[head.Length + state.Length + 32];
        head.CopyTo(content, 0);
        state.CopyTo(content.AsSpan(head.Length));
        SHA256.HashData(content.AsSpan(0, content.Length - 32), content.AsSpan(content.Length - 32));
        AtomicFile.Write(files, Path.Combine(Folder, NameOf(place)), content);
        foreach (var old in Names().Skip(Kept))
        {
            files.Delete(Path.Combine(Folder, old));
        }
    }

    /// <summary>The newest whole state at or before a place; null for none.</summary>
    public (Place Place, ReadOnlyMemory<byte> State)? ReadNewest(Place atMost)
    {
        foreach (var name in Names())
        {
            var content = AtomicFile.Read(files, Path.Combine(Folder, name));
            if (content is not null && Open(content) is { } read && read.Place <= atMost)
            {
                return read;
            }
        }

        return null;
    }

    /// <summary>Deletes everything of the version.</summary>
    public static void Delete(IFileSystem files, string root, JobVersion version)
    {
        var folder = FolderOf(root, version);
        foreach (var name in files.List(folder))
        {
            files.Delete(Path.Combine(folder, name));
        }
    }

    private (Place Place, ReadOnlyMemory<byte> State)? Open(byte[] content)
    {
        var least = Head(default).Length + 32;
        if (content.Length < least || !content.AsSpan(0, Magic.Length).SequenceEqual(Magic)
            || !SHA256.HashData(content.AsSpan(0, content.Length - 32)).AsSpan()
                .SequenceEqual(content.AsSpan(content.Length - 32)))
        {
            return null;
        }

        var place = new Place(
            BinaryPrimitives.ReadInt64LittleEndian(content.AsSpan(Magic.Length)),
            BinaryPrimitives.ReadInt32LittleEndian(content.AsSpan(Magic.Length + 8)));
        var head = Head(place);
        return content.AsSpan(0, head.Length).SequenceEqual(head)
            ? (place, content.AsMemory(head.Length, content.Length - head.Length - 32))
            : null;
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
