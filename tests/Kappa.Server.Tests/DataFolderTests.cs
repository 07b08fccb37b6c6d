using Kappa.Log;
using Xunit;

namespace Kappa.Server.Tests;

/// <summary>The data folder: one process, one format, nothing of anybody else's.</summary>
public sealed class DataFolderTests
{
    [Fact]
    public async Task A_folder_held_by_another_server_is_refused()
    {
        await using var running = await RunningServer.StartAsync();

        var refused = await Assert.ThrowsAsync<KappaException>(
            () => KappaServer.StartAsync(RunningServer.OptionsOf(running.Folder), CancellationToken.None));

        Assert.Equal(ErrorKind.Conflict, refused.Kind);
        Assert.Contains("held by another process", refused.Message, StringComparison.Ordinal);
        Assert.NotNull(await running.Client.TopicsAsync());
        Assert.True(File.Exists(Path.Combine(running.Folder, "server.json")));
    }

    [Theory]
    [InlineData("""{"format":4}""")]
    [InlineData("""{"format":0}""")]
    [InlineData("""{"format":"1"}""")]
    [InlineData("{}")]
    [InlineData("nonsense")]
    public async Task A_folder_of_another_format_is_refused_before_anything_is_written(string marker)
    {
        var folder = RunningServer.TempFolder();
        try
        {
            Directory.CreateDirectory(folder);
            await File.WriteAllTextAsync(Path.Combine(folder, "kappa.json"), marker);

            var refused = await Assert.ThrowsAsync<KappaException>(
                () => KappaServer.StartAsync(RunningServer.OptionsOf(folder), CancellationToken.None));

            Assert.Contains("format", refused.Message, StringComparison.Ordinal);
            Assert.Equal(["kappa.json"], Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName));
            Assert.Equal(marker, await File.ReadAllTextAsync(Path.Combine(folder, "kappa.json")));
        }
        finally
        {
            RunningServer.Delete(folder);
        }
    }

    [Fact]
    public async Task A_folder_with_something_else_in_it_is_refused_and_left_alone()
    {
        var folder = RunningServer.TempFolder();
        try
        {
            Directory.CreateDirectory(folder);
            await File.WriteAllTextAsync(Path.Combine(folder, "thesis.txt"), "mine");

            await Assert.ThrowsAsync<KappaException>(
                () => KappaServer.StartAsync(RunningServer.OptionsOf(folder), CancellationToken.None));

            Assert.Equal(["thesis.txt"], Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName));
        }
        finally
        {
            RunningServer.Delete(folder);
        }
    }

    [Fact]
    public async Task The_address_is_announced_while_the_server_runs()
    {
        var folder = RunningServer.TempFolder();
        try
        {
            await using (var running = await RunningServer.StartAsync(folder))
            {
                Assert.Contains(
                    running.Server.Address.ToString(), await File.ReadAllTextAsync(Path.Combine(folder, "server.json")),
                    StringComparison.Ordinal);
                Assert.Equal("127.0.0.1", running.Server.Address.Host);
            }

            Assert.False(File.Exists(Path.Combine(folder, "server.json")));
        }
        finally
        {
            RunningServer.Delete(folder);
        }
    }
}
