using System.Buffers;
using System.Security.Cryptography;

namespace Kappa.Log;

/// <summary>Copies files and says what they hold. A copy is durable when its folder is synced, too.</summary>
public static class FileCopy
{
    private const int PieceBytes = 1 << 20;

    /// <summary>Copies a file to a new one and syncs that.</summary>
    /// <param name="files">The disk.</param>
    /// <param name="from">The file.</param>
    /// <param name="to">The new file; it must not exist, its folder must.</param>
    /// <param name="bytesMax">At most so many bytes from its beginning; null: all.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The bytes copied and their SHA-256 in lower-case hexadecimal digits.</returns>
    /// <exception cref="KappaException">The disk did not read or keep it.</exception>
    public static (long Bytes, string Sha256) Run(
        IFileSystem files, string from, string to, long? bytesMax, CancellationToken cancel) =>
        Run(files, from, to, bytesMax, change: null, cancel);

    /// <summary>As above; the first bytes may be changed on the way, and the hash is that of the original.</summary>
    internal static (long Bytes, string Sha256) Run(
        IFileSystem files, string from, string to, long? bytesMax, Action<Memory<byte>>? change,
        CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(files);
        using var source = files.Open(from, FileIntent.Read);
        using var target = files.Open(to, FileIntent.Create);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var bytes = Run(source, target, bytesMax ?? long.MaxValue, cancel, (piece, at) =>
        {
            hash.AppendData(piece.Span);
            if (at == 0)
            {
                change?.Invoke(piece);
            }
        });
        target.Sync();
        return (bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>Copies the beginning of an open file, piece by piece; without a sync.</summary>
    /// <returns>How many bytes were copied.</returns>
    internal static long Run(
        IFile source, IFile target, long bytesMax, CancellationToken cancel,
        Action<Memory<byte>, long>? seen = null)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            var at = 0L;
            while (true)
            {
                cancel.ThrowIfCancellationRequested();
                var read = source.Read(buffer.AsSpan(0, (int)Math.Min(PieceBytes, bytesMax - at)), at);
                if (read == 0)
                {
                    return at;
                }

                seen?.Invoke(buffer.AsMemory(0, read), at);
                target.Write(buffer.AsSpan(0, read), at);
                at += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
