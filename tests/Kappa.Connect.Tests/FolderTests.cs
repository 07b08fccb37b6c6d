using Kappa.Log;
using Xunit;

namespace Kappa.Connect.Tests;

/// <summary>The archive in a folder, on the real disk.</summary>
public sealed class FolderTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "kappa-" + Guid.NewGuid().ToString("N"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public Task Bytes_are_kept_replaced_created_once_and_listed_L9() => StoreContract.KeepsBytesAsync(Open);

    [Fact]
    public Task A_topic_is_mirrored_replayed_across_the_edge_verified_and_restored_L9() =>
        StoreContract.MirrorsAsync(Open);

    private ArchiveFolder Open() => new(_folder, DiskFileSystem.ForThisPlatform());
}
