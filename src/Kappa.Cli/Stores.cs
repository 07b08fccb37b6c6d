using Kappa.Connect.S3;
using Kappa.Connect.WebHdfs;
using Kappa.Log;
using Kappa.Server.Mirrors;

namespace Kappa.Cli;

/// <summary>The kinds of archive this program knows beside folders.</summary>
internal static class Stores
{
    public static readonly IReadOnlyDictionary<string, Func<Uri, IArchiveStore>> Kinds =
        new Dictionary<string, Func<Uri, IArchiveStore>>(StringComparer.Ordinal)
        {
            ["s3"] = address => new S3Archive(address),
            ["webhdfs"] = address => new WebHdfsArchive(address),
            ["swebhdfs"] = address => new WebHdfsArchive(address),
        };

    public static IArchiveStore Open(string address) =>
        ArchiveStores.Open(StoreAddress.Absolute(address), Kinds, DiskFileSystem.ForThisPlatform());
}
