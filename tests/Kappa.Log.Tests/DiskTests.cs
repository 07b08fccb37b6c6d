using Xunit;

namespace Kappa.Log.Tests;

/// <summary>The platform's disk, the atomic file, and the options.</summary>
public sealed class DiskTests
{
    [Fact]
    public async Task Folders_and_files_are_private_to_their_owner()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var folder = new TemporaryFolder();
        await using (var log = await Logs.OpenAsync(folder.Sub("log")))
        {
            await log.CreateAsync("orders");
            await log.AppendAsync("orders", "a");
        }

        const UnixFileMode Others = (UnixFileMode)0b000_111_111;
        foreach (var path in Directory.GetFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories))
        {
            Assert.Equal(default, File.GetUnixFileMode(path) & Others);
        }
    }

    [Fact]
    public void Atomic_file_is_the_old_one_or_the_new_one_whatever_crash_cuts_its_replacement()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var disk = new FaultyFileSystem();
            disk.CreateFolder("/a");
            disk.SyncFolder("/");
            AtomicFile.Write(disk, "/a/x", "old"u8);
            var power = new PowerLoss(disk, random.Next(5), random);
            AtomicFile.Write(disk, "/a/x", "newer"u8);
            var isCut = power.HasCome;
            var after = System.Text.Encoding.UTF8.GetString(AtomicFile.Read(power.Ended(), "/a/x")!);
            Assert.True(after == "newer" || (after == "old" && isCut), $"seed {seed}: '{after}'");
        }
    }

    [Fact]
    public void Missing_file_is_named_when_opened()
    {
        using var folder = new TemporaryFolder();
        var missing = Assert.Throws<KappaException>(
            () => DiskFileSystem.ForThisPlatform().Open(folder.Sub("none"), FileIntent.Read));
        Assert.Equal(ErrorKind.NotFound, missing.Kind);
        Assert.Contains(folder.Sub("none"), missing.Message, StringComparison.Ordinal);
        Assert.Null(AtomicFile.Read(DiskFileSystem.ForThisPlatform(), folder.Sub("none")));
    }

    [Fact]
    public void Sync_of_a_folder_that_is_missing_is_an_error()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var folder = new TemporaryFolder();
        var disk = DiskFileSystem.ForThisPlatform();
        disk.SyncFolder(folder.Path);
        Assert.Throws<KappaException>(() => disk.SyncFolder(folder.Sub("none")));
    }

    [Fact]
    public void Option_out_of_its_range_is_named_with_value_and_range()
    {
        var options = new LogOptions { Folder = "x" };
        options.Check();
        foreach (var wrong in new[]
        {
            options with { Folder = " " },
            options with { SegmentBytesMax = 1 },
            options with { RecordBytesMax = 0 },
            options with { BatchBytesMax = -1 },
            options with { QueueBytesMax = 5 },
            options with { LingerMax = TimeSpan.FromSeconds(2) },
            options with { ProducerMemory = TimeSpan.Zero },
            options with { RequestsKeptPerProducer = 0 },
            options with { ClockInterval = TimeSpan.FromDays(1) },
        })
        {
            Assert.Equal(ErrorKind.Invalid, Assert.Throws<KappaException>(wrong.Check).Kind);
        }

        var named = Assert.Throws<KappaException>((options with { SegmentBytesMax = 1 }).Check);
        Assert.Equal(
            "The option SegmentBytesMax is 1 bytes; allowed are 65536 to 1073741824 bytes.", named.Message);
    }
}
