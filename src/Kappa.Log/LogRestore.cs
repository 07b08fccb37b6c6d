using System.Security.Cryptography;
using Kappa.Log.Erasures;

namespace Kappa.Log;

/// <summary>
/// Puts the files of a copied log back as another log: the same records at the same offsets and places, under a new id,
/// so that positions, states and consumers of the old log are not taken for positions in this one (rule L9).
/// </summary>
/// <param name="files">The disk.</param>
/// <param name="from">The folder of the copy.</param>
/// <param name="into">The folder of the new log; it must hold no log.</param>
/// <param name="id">The new id.</param>
public sealed class LogRestore(IFileSystem files, string from, string into, LogId id)
{
    /// <summary>Copies one file, syncs it, and says what the original holds.</summary>
    /// <param name="name">Its name in the copy.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="KappaException">Corrupt: it is not what was written. Else: the disk.</exception>
    public CopiedFile Copy(string name, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(name);
        var source = Path.Combine(from, name.Replace('/', Path.DirectorySeparatorChar));
        var target = Path.Combine(into, name.Replace('/', Path.DirectorySeparatorChar));
        files.CreateFolder(Path.GetDirectoryName(target)!);
        if (name.EndsWith(".segment", StringComparison.Ordinal))
        {
            var (bytes, hash) = FileCopy.Run(files, source, target, null, head => Renew(source, head.Span), cancel);
            return new CopiedFile(name, bytes, hash);
        }

        var content = AtomicFile.Read(files, source) ?? throw new KappaException(
            ErrorKind.Corrupt, $"'{source}' is missing.", "Take another backup.");
        switch (name)
        {
            case Manifest.FileName:
                (Manifest.Read(files, from)! with { Id = id }).Write(files, into);
                break;
            case DurableEnds.FileName:
                AtomicFile.Write(files, target, DurableEnds.Renew(content, id));
                break;
            case ProducerFile.FileName:
                ProducerFile.Write(files, into, id, ProducerFile.Read(files, from, Manifest.Read(files, from)!.Id));
                break;
            case var note when note.StartsWith(ErasureNotes.FolderName + "/", StringComparison.Ordinal):
                AtomicFile.Write(
                    files, target, ErasureNotes.Renew(content, source, Manifest.Read(files, from)!.Id, id));
                break;
            default:
                throw new KappaException(
                    ErrorKind.Invalid, $"'{name}' is no file of a log.", "Restore it with the Kappa that wrote it.");
        }

        return new CopiedFile(name, content.Length, Convert.ToHexStringLower(SHA256.HashData(content)));
    }

    private void Renew(string source, Span<byte> head)
    {
        var wrong = SegmentHeader.TryRead(head, out var header);
        if (wrong is not null)
        {
            throw new KappaException(
                ErrorKind.Corrupt, $"'{source}' is damaged: {wrong}.", "Take another backup.");
        }

        (header with { LogId = id.Value }).Write(head);
    }
}
