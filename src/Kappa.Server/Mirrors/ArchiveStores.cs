using Kappa.Log;

namespace Kappa.Server.Mirrors;

/// <summary>The address of an archive: an absolute path of a folder, or a scheme that a connector knows.</summary>
public static class ArchiveStores
{
    /// <summary>Opens a store; nothing is asked of it yet.</summary>
    /// <param name="address">An absolute path, or an address such as <c>s3://bucket/kappa</c>.</param>
    /// <param name="kinds">Connectors, by scheme.</param>
    /// <param name="files">The disk folders are on.</param>
    /// <exception cref="KappaException">No such kind of store is known, or the address is wrong.</exception>
    public static IArchiveStore Open(
        string address, IReadOnlyDictionary<string, Func<Uri, IArchiveStore>> kinds, IFileSystem files)
    {
        ArgumentNullException.ThrowIfNull(kinds);
        if (Path.IsPathFullyQualified(address))
        {
            return new ArchiveFolder(address, files);
        }

        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme == Uri.UriSchemeFile)
        {
            throw new KappaException(
                ErrorKind.Invalid, $"'{address}' is no address of an archive.",
                "Write an absolute path of a folder, or an address such as s3://bucket/folder.");
        }

        if (uri.UserInfo.Length > 0)
        {
            throw new KappaException(
                ErrorKind.Invalid, "The address of the archive has a user name or password in it.",
                "Leave them out; how a store is told who asks is in docs/guides/archive.md.");
        }

        return kinds.TryGetValue(uri.Scheme, out var open) ? open(uri) : throw new KappaException(
            ErrorKind.Invalid,
            $"'{uri.Scheme}' is no kind of archive here: there are a path"
                + string.Concat(kinds.Keys.Order(StringComparer.Ordinal).Select(kind => $" and {kind}://")) + ".",
            "Write one of these, or host Kappa with the connector.");
    }
}
