using System.Security.Cryptography;

namespace Kappa.Log.Archives;

/// <summary>
/// A store with patience: every step has its time, is tried again a bounded number of times, and what it wrote is read
/// back before it counts. What is still wrong after that is an error that names store and object.
/// </summary>
internal sealed class PatientStore(IArchiveStore store, ArchivePatience patience)
{
    private const int PieceBytes = 128 << 10;
    private const int ObjectBytesMax = 16 << 20;
    private const long BytesASecond = 256 << 10;

    public string Name => store.Name;

    public string? PathOf(string name) => store.PathOf(name);

    /// <summary>Reads a small object and takes it apart; null where there is none.</summary>
    /// <param name="name">The object.</param>
    /// <param name="parse">Takes it apart; where it throws, the object is read again.</param>
    /// <param name="cancel">Gives up.</param>
    public ValueTask<T?> ReadAsync<T>(string name, Func<byte[], T> parse, CancellationToken cancel)
        where T : class => TryAsync(
        "be read", name, 0,
        async limit => await BytesAsync(name, limit) is { } bytes ? parse(bytes) : null,
        cancel);

    /// <summary>Replaces a small object and reads it back.</summary>
    public ValueTask<bool> WriteAsync(string name, byte[] content, CancellationToken cancel) => TryAsync(
        "be written", name, content.Length,
        async limit =>
        {
            await store.WriteAsync(name, new MemoryStream(content, writable: false), limit);
            var back = await BytesAsync(name, limit);
            return back is not null && back.AsSpan().SequenceEqual(content) ? true : throw NotKept(name);
        },
        cancel);

    /// <summary>Writes a small object where there is none; false where there is one.</summary>
    public ValueTask<bool> CreateAsync(string name, byte[] content, CancellationToken cancel) => TryAsync(
        "be written", name, content.Length, limit => store.CreateAsync(name, content, limit), cancel);

    /// <summary>Writes a segment and reads it back.</summary>
    public ValueTask<bool> WriteAsync(
        string name, Func<Stream> open, ArchiveEntry entry, CancellationToken cancel) => TryAsync(
        "be written", name, 2 * entry.Length,
        async limit =>
        {
            await using (var content = open())
            {
                await store.WriteAsync(name, content, limit);
            }

            await CopyAsync(name, entry, (_, _) => { }, limit);
            return true;
        },
        cancel);

    /// <summary>Reads a segment; what arrives is only to be used when this returns.</summary>
    /// <param name="name">The object.</param>
    /// <param name="entry">What the manifest says of it.</param>
    /// <param name="into">Takes bytes and where they belong; an attempt begins with 0 again.</param>
    /// <param name="cancel">Gives up.</param>
    public ValueTask<bool> FetchAsync(
        string name, ArchiveEntry entry, Action<ReadOnlyMemory<byte>, long> into, CancellationToken cancel) =>
        TryAsync(
            "be read", name, entry.Length,
            async limit =>
            {
                await CopyAsync(name, entry, into, limit);
                return true;
            },
            cancel);

    /// <summary>Deletes an object and looks that it is gone.</summary>
    public ValueTask<bool> DeleteAsync(string name, CancellationToken cancel) => TryAsync(
        "be deleted", name, 0,
        async limit =>
        {
            await store.DeleteAsync(name, limit);
            await using var left = await store.ReadAsync(name, limit);
            return left is null ? true : throw new KappaException(
                ErrorKind.Unavailable, $"'{name}' of the archive '{Name}' was deleted and is still there.",
                "Look after the archive's store; it is deleted again.");
        },
        cancel);

    public ValueTask<IReadOnlyList<string>> ListAsync(string folder, CancellationToken cancel) =>
        TryAsync("be listed", folder, 0, limit => store.ListAsync(folder, limit), cancel);

    /// <summary>Does a step until it succeeds, or patience ends.</summary>
    public async ValueTask<T> TryAsync<T>(
        string what, string name, long bytes, Func<CancellationToken, ValueTask<T>> act, CancellationToken cancel)
    {
        var wait = patience.FirstWait;
        for (var attempt = 1; ; attempt++)
        {
            using var limit = new CancellationTokenSource(
                patience.Attempt + TimeSpan.FromSeconds(bytes / BytesASecond), patience.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
            try
            {
                // A store that does not listen to its token must not hold anybody either.
                return await act(either.Token).AsTask().WaitAsync(either.Token).ConfigureAwait(false);
            }
            catch (Exception trouble) when (IsPassing(trouble))
            {
                cancel.ThrowIfCancellationRequested();
                if (attempt == patience.Attempts)
                {
                    throw Failed(what, name, attempt, trouble);
                }
            }

            await Task.Delay(wait, patience.Time, cancel).ConfigureAwait(false);
            wait = wait + wait < patience.LongestWait ? wait + wait : patience.LongestWait;
        }
    }

    private static bool IsPassing(Exception trouble) => trouble is IOException or OperationCanceledException
        or TimeoutException or HttpRequestException
        or KappaException { Kind: ErrorKind.Unavailable or ErrorKind.Corrupt };

    private KappaException Failed(string what, string name, int attempts, Exception trouble) =>
        trouble is KappaException { Kind: ErrorKind.Corrupt } damage
            ? damage
            : new KappaException(
                ErrorKind.Unavailable,
                $"'{name}' of the archive '{Name}' could not {what} in {attempts} attempts: "
                    + (trouble is OperationCanceledException
                        ? $"no answer within {patience.Attempt.TotalSeconds:0.###} s." : trouble.Message),
                "Look after the archive's store; it is tried again.",
                trouble);

    private KappaException NotKept(string name) => new(
        ErrorKind.Unavailable, $"'{name}' of the archive '{Name}' is not what was written a moment ago.",
        "Look after the archive's store; it is written again.");

    private async ValueTask<byte[]?> BytesAsync(string name, CancellationToken cancel)
    {
        await using var content = await store.ReadAsync(name, cancel);
        if (content is null)
        {
            return null;
        }

        var into = new MemoryStream();
        var piece = new byte[PieceBytes];
        for (int read; (read = await content.ReadAsync(piece, cancel)) > 0;)
        {
            into.Write(piece, 0, read);
            if (into.Length > ObjectBytesMax)
            {
                throw new KappaException(
                    ErrorKind.Corrupt,
                    $"'{name}' of the archive '{Name}' has more than {ObjectBytesMax} bytes: it is no part of a"
                        + " manifest.",
                    "Name the store and folder the topic was mirrored to.");
            }
        }

        return into.ToArray();
    }

    private async ValueTask CopyAsync(
        string name, ArchiveEntry entry, Action<ReadOnlyMemory<byte>, long> into, CancellationToken cancel)
    {
        await using var content = await store.ReadAsync(name, cancel) ?? throw new KappaException(
            ErrorKind.Corrupt, $"'{name}' is missing in the archive '{Name}': offsets {entry.Range}.",
            "Bring it back from another copy of the archive.");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var piece = new byte[PieceBytes];
        var at = 0L;
        for (int read; (read = await content.ReadAsync(piece, cancel)) > 0; at += read)
        {
            if (at + read > entry.Length)
            {
                throw entry.Damage(Name, name, $"it has more than {entry.Length} bytes");
            }

            hash.AppendData(piece, 0, read);
            into(piece.AsMemory(0, read), at);
        }

        if (at != entry.Length)
        {
            throw entry.Damage(Name, name, $"it has {at} of {entry.Length} bytes");
        }

        var found = Convert.ToHexStringLower(hash.GetCurrentHash());
        if (found != entry.Sha256)
        {
            throw entry.Damage(Name, name, $"its SHA-256 is {found}, the manifest says {entry.Sha256}");
        }
    }
}
