using Kappa.Log;
using Kappa.Tables;
using Kappa.Tables.Sqlite;
using Xunit;

namespace Kappa.Streams.Tests.Seams;

/// <summary>Rule C4 on both stores.</summary>
public sealed class EpochTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_writer_of_a_lower_epoch_is_refused_C4(bool isWeak)
    {
        using var folder = new TemporaryFolder();
        await using ITableStore store = isWeak
            ? new WeakStore(1)
            : new SqliteStore(folder.Path, DiskFileSystem.ForThisPlatform());
        var version = new JobVersion("minutes", 1);
        var tables = GoldenJobs.Minutes.Build().Tables;
        await using var old = await store.OpenAsync(version, tables, 10, CancellationToken.None);
        await old.CommitAsync(new TableChanges(), new Place(5, 1), CancellationToken.None);

        await using var next = await store.OpenAsync(version, tables, 11, CancellationToken.None);

        Assert.Equal(new Place(5, 1), next.Committed);
        var refused = await Assert.ThrowsAsync<FencedException>(
            () => old.CommitAsync(new TableChanges(), new Place(6, 1), CancellationToken.None).AsTask());
        Assert.Equal(ErrorKind.Conflict, refused.Kind);
        await Assert.ThrowsAsync<FencedException>(
            () => store.OpenAsync(version, tables, 10, CancellationToken.None).AsTask());
        await next.CommitAsync(new TableChanges(), new Place(7, 1), CancellationToken.None);
    }
}
