using Kappa.Connect.WebHdfs;
using Kappa.Log;
using Xunit;

namespace Kappa.Connect.Tests;

/// <summary>The WebHDFS archive against its documented protocol; it was not run against a real HDFS.</summary>
public sealed class WebHdfsTests : IAsyncLifetime
{
    private readonly NameNode _node = new();
    private HttpHost _host = null!;

    public async Task InitializeAsync() => _host = await HttpHost.StartAsync(_node.ServeAsync);

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public Task Bytes_are_kept_replaced_created_once_and_listed_L9() => StoreContract.KeepsBytesAsync(Open);

    [Fact]
    public Task A_large_object_comes_back_as_it_was_L9() => StoreContract.KeepsLargeAsync(Open);

    [Fact]
    public Task A_topic_is_mirrored_replayed_across_the_edge_verified_and_restored_L9() =>
        StoreContract.MirrorsAsync(Open);

    [Fact]
    public async Task A_write_has_two_steps_and_a_rename_L9()
    {
        await using var store = Open();
        await StoreContract.WriteAsync(store, "t/a", "x");
        Assert.Equal(["PUT CREATE", "PUT data CREATE", "PUT RENAME"], _node.Seen);
        Assert.Equal(["/kappa/t/a"], _node.Files.Keys);
    }

    [Fact]
    public async Task A_replacement_cut_at_any_step_leaves_the_old_bytes_or_the_new_ones_L9()
    {
        for (var cut = 0; cut < 12; cut++)
        {
            _node.Files.Clear();
            await using var store = Open();
            await StoreContract.WriteAsync(store, "t/a", "old");
            for (var again = 0; again < 2; again++)
            {
                var left = cut;
                _node.Fault = (_, _) => left-- > 0 ? 0 : 500;
                try
                {
                    await StoreContract.WriteAsync(store, "t/a", "new" + again);
                }
                catch (KappaException down)
                {
                    Assert.Equal(ErrorKind.Unavailable, down.Kind);
                }

                _node.Fault = (_, _) => 0;
                Assert.Contains(await StoreContract.TextAsync(store, "t/a"), new[] { "old", "new0", "new1" });
                Assert.False(await store.CreateAsync("t/a", new byte[1], CancellationToken.None));
            }

            await StoreContract.WriteAsync(store, "t/a", "last");
            Assert.Equal("last", await StoreContract.TextAsync(store, "t/a"));
        }
    }

    [Fact]
    public async Task Who_may_not_is_told_at_once_and_a_standby_is_waited_for_L9()
    {
        await using var other = new WebHdfsArchive(new Uri($"webhdfs://{_host.Address.Authority}/kappa?user.name=eve"));
        Assert.Equal(
            ErrorKind.Forbidden,
            (await Assert.ThrowsAsync<KappaException>(() => StoreContract.TextAsync(other, "t/a"))).Kind);
        await using var store = Open();
        _node.Fault = (_, _) => 403;
        Assert.Equal(
            ErrorKind.Unavailable,
            (await Assert.ThrowsAsync<KappaException>(() => StoreContract.TextAsync(store, "t/a"))).Kind);
        await Assert.ThrowsAsync<KappaException>(
            () => Task.FromResult(new WebHdfsArchive(new Uri("webhdfs://host/folder?delegation=x&y=z"))));
    }

    private IArchiveStore Open() =>
        new WebHdfsArchive(new Uri($"webhdfs://{_host.Address.Authority}/kappa?user.name=kappa"));
}
