using Amazon.Runtime;
using Kappa.Connect.S3;
using Kappa.Log;
using Xunit;

namespace Kappa.Connect.Tests;

/// <summary>
/// The S3 archive, with real signatures: against s3rver where there is one, and against the documented part of the
/// protocol it uses. It was not run against Amazon's.
/// </summary>
public sealed class S3Tests
{
    [S3rverFact]
    public async Task Bytes_are_kept_replaced_created_once_and_listed_by_s3rver_L9()
    {
        using var server = new S3rver();

        // It does not know If-None-Match; a mirror reads back whose the archive is.
        await StoreContract.KeepsBytesAsync(() => Open(server.Port), tellsCreated: false);
    }

    [S3rverFact]
    public async Task A_large_object_comes_back_from_s3rver_as_it_was_L9()
    {
        using var server = new S3rver();
        await StoreContract.KeepsLargeAsync(() => Open(server.Port));
    }

    [S3rverFact]
    public async Task A_topic_is_mirrored_replayed_across_the_edge_verified_and_restored_by_s3rver_L9()
    {
        using var server = new S3rver();
        await StoreContract.MirrorsAsync(() => Open(server.Port));
    }

    [Fact]
    public async Task Bytes_are_kept_replaced_created_once_and_listed_L9()
    {
        await using var host = await HttpHost.StartAsync(new Bucket().ServeAsync);
        await StoreContract.KeepsBytesAsync(() => Open(host.Address.Port));
    }

    [Fact]
    public async Task A_topic_is_mirrored_replayed_across_the_edge_verified_and_restored_L9()
    {
        await using var host = await HttpHost.StartAsync(new Bucket().ServeAsync);
        await StoreContract.MirrorsAsync(() => Open(host.Address.Port));
    }

    [Fact]
    public async Task Who_may_not_is_told_at_once_and_a_store_that_is_down_may_be_asked_again_L9()
    {
        var bucket = new Bucket();
        await using var host = await HttpHost.StartAsync(bucket.ServeAsync);
        await using var eve = Open(host.Address.Port, secret: "another");
        Assert.Equal(ErrorKind.Forbidden, (await ThrowsAsync(() => StoreContract.TextAsync(eve, "t/a"))).Kind);
        await using var store = Open(host.Address.Port);
        bucket.Status = 503;
        Assert.Equal(ErrorKind.Unavailable, (await ThrowsAsync(() => StoreContract.TextAsync(store, "t/a"))).Kind);
        bucket.Status = 0;
        Assert.Null(await StoreContract.TextAsync(store, "t/a"));
        foreach (var wrong in new[] { "s3://b?else=1", "s3://b?endpoint=ftp://x", "s3:///folder" })
        {
            Assert.Equal(
                ErrorKind.Invalid, Assert.Throws<KappaException>(() => new S3Archive(new Uri(wrong))).Kind);
        }
    }

    private static Task<KappaException> ThrowsAsync(Func<Task> act) => Assert.ThrowsAsync<KappaException>(act);

    private static S3Archive Open(int port, string secret = "S3RVER") => new(
        new Uri($"s3://kappa/some/folder?endpoint=http://127.0.0.1:{port}"), new BasicAWSCredentials("S3RVER", secret));
}
