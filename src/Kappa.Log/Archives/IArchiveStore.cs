namespace Kappa.Log;

/// <summary>
/// Where sealed segments are kept for good: a folder, a bucket, a file system of a cluster. It keeps named bytes and
/// knows nothing of logs; names are parts of <c>a-z 0-9 . _ - @</c> joined by <c>/</c>. Nobody trusts it: everything
/// read from it is checked against the chain of hashes of the manifest (docs/formats/archive.md).
/// </summary>
public interface IArchiveStore : IAsyncDisposable
{
    /// <summary>What an operator calls it, without secrets: <c>s3://bucket/kappa</c>.</summary>
    string Name { get; }

    /// <summary>Opens the bytes of a name; null where there are none.</summary>
    /// <exception cref="KappaException">
    /// <see cref="ErrorKind.Unavailable"/> where it may succeed later; any other kind is final.
    /// </exception>
    ValueTask<Stream?> ReadAsync(string name, CancellationToken cancel);

    /// <summary>Writes or replaces the bytes of a name, whole or not at all; returns when they are kept.</summary>
    /// <param name="name">The name.</param>
    /// <param name="content">Can seek, and stands at its begin.</param>
    /// <param name="cancel">Gives up; the name then has its old bytes or the new ones.</param>
    ValueTask WriteAsync(string name, Stream content, CancellationToken cancel);

    /// <summary>Writes the bytes of a name that has none.</summary>
    /// <returns>False where it has some. A store that cannot tell writes; its reader finds out.</returns>
    ValueTask<bool> CreateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancel);

    /// <summary>Deletes the bytes of a name, if it has any; returns when they are gone.</summary>
    ValueTask DeleteAsync(string name, CancellationToken cancel);

    /// <summary>The names directly in a folder of names; may lag behind what was written.</summary>
    ValueTask<IReadOnlyList<string>> ListAsync(string folder, CancellationToken cancel);

    /// <summary>The file that holds the bytes of a name, where that is a file of this machine; else null.</summary>
    string? PathOf(string name) => null;
}
