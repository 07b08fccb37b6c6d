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
        var buffer = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            var at = 0L;
            while (true)
            {
                cancel.ThrowIfCancellationRequested();
                var wanted = (int)Math.Min(PieceBytes, (bytesMax ?? long.MaxValue) - at);
                var read = source.Read(buffer.AsSpan(0, wanted), at);
                if (read == 0)
                {
                    break;
                }

                hash.AppendData(buffer, 0, read);
                if (at == 0)
                {
                    change?.Invoke(buffer.AsMemory(0, read));
                }

                target.Write(buffer.AsSpan(0, read), at);
                at += read;
            }

            target.Sync();
            return (at, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
