using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Kappa.Log;
using Xunit;

namespace Kappa.Server.Tests;

/// <summary>A backup is whole or none, and a restore too, whatever happens to disk and process (P3).</summary>
public sealed class BackupFolderTests
{
    [Fact]
    public async Task A_changed_byte_in_any_file_is_refused_by_name_and_leaves_nothing_P3()
    {
        using var folders = new Backups();
        await FillAsync(folders["data"]);
        await Backups.OfflineAsync(folders["data"], folders["backup"]);
        var random = new Random(7);
        foreach (var file in Backups.FilesOf(folders["backup"]))
        {
            var path = Path.Combine(folders["backup"], file);
            var whole = await File.ReadAllBytesAsync(path);
            var tries = file == "backup.json" ? whole.Length : 4;
            for (var attempt = 0; attempt < tries; attempt++)
            {
                byte[] damaged = [.. whole];
                var at = file == "backup.json" ? attempt : random.Next(whole.Length);
                damaged[at] ^= (byte)(1 << random.Next(8));
                await File.WriteAllBytesAsync(path, attempt == 1 && file != "backup.json" ? whole[..^1] : damaged);
                var refused = Assert.ThrowsAny<KappaException>(
                    () => Backups.Restore(folders["backup"], folders["restored"]));
                Assert.True(
                    refused.Message.Contains(Path.GetFileName(file), StringComparison.Ordinal)
                    || refused.Message.Contains("has format", StringComparison.Ordinal), $"{file} {at}: {refused}");
                Assert.NotEmpty(refused.Next);
                Assert.Null(Server.Backups.BackupFolder.FirstFile(Backups.Disk, folders["restored"]) is { } left
                    && left != "lock" ? left : null);
            }

            if (file != "backup.json")
            {
                File.Delete(path);
                var missing = Assert.ThrowsAny<KappaException>(
                    () => Backups.Restore(folders["backup"], folders["restored"]));
                Assert.Contains(Path.GetFileName(file), missing.Message, StringComparison.Ordinal);
            }

            await File.WriteAllBytesAsync(path, whole);
        }

        Backups.Restore(folders["backup"], folders["restored"]);
    }

    [Fact]
    public async Task A_backup_of_format_1_is_restored_and_its_number_is_no_other_one_P3()
    {
        using var folders = new Backups();
        await FillAsync(folders["data"]);
        await Backups.OfflineAsync(folders["data"], folders["backup"]);
        var path = Path.Combine(folders["backup"], "backup.json");
        var written = await File.ReadAllTextAsync(path);
        Assert.StartsWith("{\"format\":2,", written, StringComparison.Ordinal);

        // Without mirrors and erasures the two differ in the number, and in what is hashed: it without the number.
        await File.WriteAllTextAsync(path, written.Replace("{\"format\":2", "{\"format\":1", StringComparison.Ordinal));
        Assert.Equal(ErrorKind.Corrupt, Assert.Throws<KappaException>(
            () => Backups.Restore(folders["backup"], folders["restored"])).Kind);
        var content = written[(written.IndexOf("\"backup\":", StringComparison.Ordinal) + 9)..^1];
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)));
        await File.WriteAllTextAsync(path, "{\"format\":1,\"sha256\":\"" + hash + "\",\"backup\":" + content + "}");
        Backups.Restore(folders["backup"], folders["restored"]);
        Assert.Empty((await EmbeddedLog.VerifyAsync(
            Path.Combine(folders["restored"], "log"), Backups.Disk)).Findings);
    }

    [Fact]
    public async Task A_disk_that_ends_anywhere_in_a_backup_leaves_none_or_a_whole_one_P3()
    {
        using var folders = new Backups();
        await FillAsync(folders["data"]);
        var outcomes = new HashSet<bool>();
        for (var changes = 0; ; changes += changes < 20 ? 1 : 7)
        {
            var into = folders["backup-" + changes];
            var disk = new DyingDisk(Backups.Disk, changes);
            var done = false;
            try
            {
                await Backups.OfflineAsync(folders["data"], into, disk);
                done = true;
            }
            catch (KappaException)
            {
                Assert.True(disk.IsDead);
            }

            var isWhole = File.Exists(Path.Combine(into, "backup.json"));
            outcomes.Add(isWhole);
            Assert.True(isWhole || !done);
            if (isWhole)
            {
                Backups.Restore(into, folders["restored-" + changes]);
            }
            else if (Directory.Exists(into))
            {
                Assert.ThrowsAny<KappaException>(() => Backups.Restore(into, folders["none"]));
                Assert.False(Directory.Exists(folders["none"]));
            }

            if (done && !disk.IsDead)
            {
                Assert.Equal(2, outcomes.Count);
                return;
            }
        }
    }

    [Fact]
    public async Task A_restore_that_dies_anywhere_is_no_data_folder_and_is_simply_run_again_P3()
    {
        using var folders = new Backups();
        await FillAsync(folders["data"]);
        await Backups.OfflineAsync(folders["data"], folders["backup"]);
        var expected = Backups.FilesOf(Restored(folders, "whole"));
        for (var changes = 0; ; changes += changes < 12 ? 1 : 5)
        {
            var into = folders["restored-" + changes];
            var disk = new DyingDisk(Backups.Disk, changes);
            try
            {
                Backups.Restore(folders["backup"], into, disk);
                Assert.True(changes > 20);
                return;
            }
            catch (DiskFullException)
            {
                // What the killed process would have left.
            }

            if (File.Exists(Path.Combine(into, "kappa.json")))
            {
                // Only tidying was left to do.
                using var opened = DataFolder.Open(into, Backups.Disk);
                Assert.False(File.Exists(Path.Combine(into, "restoring")));
                continue;
            }

            if (Directory.Exists(into) && File.Exists(Path.Combine(into, "restoring")))
            {
                var refused = Assert.Throws<KappaException>(() => DataFolder.Open(into, Backups.Disk));
                Assert.Contains("not finished", refused.Message, StringComparison.Ordinal);
                Assert.Contains("kappa restore", refused.Next, StringComparison.Ordinal);
            }

            Backups.Restore(folders["backup"], into);
            Assert.Equal(expected, Backups.FilesOf(into));
        }
    }

    [Fact]
    public async Task A_killed_backup_is_refused_and_its_data_folder_unharmed_P3()
    {
        using var folders = new Backups();
        await FillAsync(folders["data"]);
        var before = (await VerifyAsync(folders["data"])).Records;
        using (var process = Process.Start(new ProcessStartInfo(
            "dotnet",
            ["exec", Path.Combine(AppContext.BaseDirectory, "kappa.dll"), "backup", folders["backup"], "--data",
                folders["data"]])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!)
        {
            await Loops.UntilAsync(
                () => Task.FromResult(
                    process.HasExited || File.Exists(Path.Combine(folders["backup"], "unfinished"))),
                "the backup did not begin");
            process.Kill();
            await process.WaitForExitAsync();
        }

        if (!File.Exists(Path.Combine(folders["backup"], "backup.json")))
        {
            var refused = Assert.Throws<KappaException>(
                () => Backups.Restore(folders["backup"], folders["restored"]));
            Assert.Contains("never finished", refused.Message, StringComparison.Ordinal);
            var again = await Assert.ThrowsAsync<KappaException>(
                () => Backups.OfflineAsync(folders["data"], folders["backup"]));
            Assert.Contains("not finished", again.Message, StringComparison.Ordinal);
        }

        Assert.True((await VerifyAsync(folders["data"])).Records >= before);
        await Backups.OfflineAsync(folders["data"], folders["other"]);
    }

    [Fact]
    public async Task Folders_that_are_not_empty_or_lie_in_one_another_are_refused()
    {
        using var folders = new Backups();
        await FillAsync(folders["data"]);
        await Backups.OfflineAsync(folders["data"], folders["backup"]);
        foreach (var into in new[] { folders["backup"], folders["data"], Path.Combine(folders["data"], "b"), "here" })
        {
            var refused = await Assert.ThrowsAsync<KappaException>(
                () => Backups.OfflineAsync(folders["data"], into));
            Assert.NotEmpty(refused.Next);
        }

        Directory.CreateDirectory(folders["full"]);
        await File.WriteAllTextAsync(Path.Combine(folders["full"], "mine"), "mine");
        Assert.Throws<KappaException>(() => Backups.Restore(folders["backup"], folders["full"]));
        Assert.Throws<KappaException>(() => Backups.Restore(folders["backup"], folders["data"]));
        Assert.Throws<KappaException>(() => Backups.Restore(folders["full"], folders["new"]));
        Assert.Equal("mine", await File.ReadAllTextAsync(Path.Combine(folders["full"], "mine")));
    }

    [Fact]
    public async Task The_command_line_backs_up_with_and_without_a_server_and_restores_privately_S1()
    {
        using var folders = new Backups();
        var key = await FillAsync(folders["data"]);
        await using (var running = await RunningServer.StartAsync(folders["data"]))
        {
            var taken = await Commands.RunAsync(running, ["backup", folders["online"]]);
            Assert.True(taken.Code == 0, taken.Error);
            Assert.Contains(folders["online"], taken.Out, StringComparison.Ordinal);
            Assert.Equal(2, (await Commands.RunAsync(running, ["backup", folders["online"]])).Code);
            Assert.Equal(2, (await Commands.RunAsync(running, ["restored"])).Code);
        }

        var terminal = Commands.Terminal(out _, out var text, out var error);
        Assert.Equal(0, await Cli.Program.RunAsync(
            ["backup", folders["offline"], "--data", folders["data"], "--json"], terminal, CancellationToken.None));
        Assert.Contains("\"place\"", text.ToString(), StringComparison.Ordinal);
        foreach (var from in new[] { "online", "offline" })
        {
            var into = folders["restored-" + from];
            var code = await Cli.Program.RunAsync(
                ["restore", folders[from], "--data", into], terminal, CancellationToken.None);
            Assert.True(code == 0, error.ToString());
            await using var again = await Backups.StartAsync(into, key);
            await Loops.UntilRowsAsync(again, "totals", "a 6");
            Assert.Equal(0, (await Commands.RunAsync(again, ["restored"])).Code);
            if (!OperatingSystem.IsWindows())
            {
                const UnixFileMode Others = (UnixFileMode)0b111_111;
                foreach (var path in Directory.EnumerateFileSystemEntries(
                    folders[from], "*", SearchOption.AllDirectories).Append(folders[from]))
                {
                    Assert.Equal((UnixFileMode)0, File.GetUnixFileMode(path) & Others);
                }
            }
        }
    }

    private static string Restored(Backups folders, string name)
    {
        Backups.Restore(folders["backup"], folders[name]);
        return folders[name];
    }

    private static async Task<Verification> VerifyAsync(string data)
    {
        var seen = await EmbeddedLog.VerifyAsync(Path.Combine(data, "log"), Backups.Disk);
        Assert.Empty(seen.Findings);
        return seen;
    }

    /// <summary>A stopped server's folder with records, a job, and a subscription.</summary>
    private static async Task<string> FillAsync(string folder)
    {
        await using var running = await RunningServer.StartAsync(folder);
        await Loops.AppendAsync(
            running, "{\"Name\":\"a\",\"Amount\":1}\n{\"Name\":\"a\",\"Amount\":2}\n{\"Name\":\"a\",\"Amount\":3}\n");
        await Loops.DeployAsync(running, CompiledJobs.Totals());
        await Loops.UntilAsync(running, "totals@1", "Live");
        await running.Client.PutSubscriptionAsync(
            "hook", new Client.SubscriptionRequest("events", "http://127.0.0.1:9/none"));
        return running.Key;
    }
}
