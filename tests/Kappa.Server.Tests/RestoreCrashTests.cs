using Kappa.Log;
using Kappa.Log.Tests;
using Kappa.Server.Mirrors;
using Xunit;

namespace Kappa.Server.Tests;

/// <summary>
/// <c>kappa restore</c> on a disk that fails, is left there, or loses power at each single step: nothing is there, or a
/// folder that says that its restore is not finished, or all of it; and running it again finishes it (promise P3).
/// </summary>
public sealed class RestoreCrashTests
{
    private const string Into = "/new/data";

    [Fact]
    public async Task A_kill_or_loss_of_power_at_any_step_of_a_restore_is_made_good_by_running_it_again_P3()
    {
        var backup = await BackupAsync();
        var whole = Restored(backup.Copy());
        Assert.Equal(2, whole.Keys.Count(path => path.Contains("/mirrors/", StringComparison.Ordinal)));
        var outcomes = new Dictionary<string, int>();
        for (var step = 0; ; step++)
        {
            var disk = backup.Copy();
            var isCut = await DieAsync(disk, step, once: false);
            if (!isCut)
            {
                Assert.True(step > 60, $"only {step} steps");
                break;
            }

            var random = new Random(step);
            FaultyFileSystem[] left =
            [
                disk.CrashKeepingAll(), disk.CrashLosingAll(), disk.Crash(random), disk.Crash(random),
            ];
            foreach (var one in left)
            {
                var outcome = Judge(one);
                outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
                if (outcome != "whole")
                {
                    Kappa.Server.Backups.Restore.Run(
                        "/backup", Into, one, TimeProvider.System, CancellationToken.None);
                }

                await CompareAsync(whole, one, $"step {step}, {outcome}");
            }
        }

        Assert.Equal(["nothing", "unfinished", "whole"], outcomes.Keys.Order());
    }

    /// <summary>The disk fails once: the restore takes back what it did, and can be run again.</summary>
    [Fact]
    public async Task A_failure_at_any_step_of_a_restore_leaves_nothing_or_an_unfinished_one_P3()
    {
        var backup = await BackupAsync();
        var whole = Restored(backup.Copy());
        for (var step = 0; ; step++)
        {
            var disk = backup.Copy();
            if (!await DieAsync(disk, step, once: true))
            {
                return;
            }

            Assert.NotEqual("whole", Judge(disk));
            foreach (var one in new[] { disk, disk.Crash(new Random(step)) })
            {
                Judge(one);
                if (!one.Exists(Into + "/kappa.json"))
                {
                    Kappa.Server.Backups.Restore.Run(
                        "/backup", Into, one, TimeProvider.System, CancellationToken.None);
                }

                await CompareAsync(whole, one, $"step {step}");
            }
        }
    }

    private static async Task<bool> DieAsync(FaultyFileSystem disk, int step, bool once)
    {
        var (left, isCut) = (step, false);
        disk.Fault = (_, path) =>
        {
            var fails = left-- == 0 || (isCut && !once);
            isCut |= fails;
            return fails ? FaultyFileSystem.BrokenDisk(path) : null;
        };
        try
        {
            await Task.Run(() => Kappa.Server.Backups.Restore.Run(
                "/backup", Into, disk, TimeProvider.System, CancellationToken.None));
            Assert.False(isCut, $"step {step} failed, and nobody was told");
        }
        catch (KappaException) when (isCut)
        {
            // As it was made to.
        }

        disk.Fault = null;
        return isCut;
    }

    private static string Judge(FaultyFileSystem disk)
    {
        var files = disk.Files().Keys.Where(path => path.StartsWith(Into, StringComparison.Ordinal)).ToList();
        if (files.Contains(Into + "/kappa.json"))
        {
            return "whole";
        }

        if (files.Count == 0)
        {
            return "nothing";
        }

        var before = disk.Snapshot();
        var refused = Assert.Throws<KappaException>(() => DataFolder.Open(Into, disk));
        Assert.Contains("not finished", refused.Message, StringComparison.Ordinal);
        Assert.Contains("kappa restore", refused.Next, StringComparison.Ordinal);
        Assert.Equal(before.Values, disk.Snapshot().Values);
        return "unfinished";
    }

    private static async Task CompareAsync(SortedDictionary<string, byte[]> whole, FaultyFileSystem disk, string when)
    {
        using (DataFolder.Open(Into, disk))
        {
            // Opening tidies up what a kill left behind a whole one.
        }

        Assert.Equal(whole.Keys, Of(disk).Keys);
        foreach (var (path, bytes) in Of(disk))
        {
            // The id of the log and the time of the restore are new each time; everything else is as it was.
            Assert.True(bytes.Length == whole[path].Length || path.EndsWith("restored.json", StringComparison.Ordinal),
                $"{when}: '{path}' has another length");
        }

        var seen = await EmbeddedLog.VerifyAsync(Into + "/log", disk);
        Assert.True(seen.Findings.Count == 0 && seen.Records > 0, $"{when}: the log is damaged");
    }

    private static SortedDictionary<string, byte[]> Restored(FaultyFileSystem disk)
    {
        Kappa.Server.Backups.Restore.Run("/backup", Into, disk, TimeProvider.System, CancellationToken.None);
        using (DataFolder.Open(Into, disk))
        {
        }

        return Of(disk);
    }

    private static SortedDictionary<string, byte[]> Of(FaultyFileSystem disk) => new(
        disk.Files().Where(file => file.Key.StartsWith(Into, StringComparison.Ordinal)).ToDictionary(),
        StringComparer.Ordinal);

    /// <summary>A backup made on the real disk, put into one in memory.</summary>
    private static async Task<FaultyFileSystem> BackupAsync()
    {
        using var folders = new Backups();
        await using (var running = await RunningServer.StartAsync(folders["data"]))
        {
            await Loops.AppendAsync(running, "{\"Name\":\"a\",\"Amount\":1}\n{\"Name\":\"b\",\"Amount\":2}\n");
            await running.Client.PutSubscriptionAsync(
                "hook", new Client.SubscriptionRequest("events", "http://127.0.0.1:9/none"));
        }

        // One mirror that is not needed, and goes; one of a log before this one, whose archive is read.
        var mirrors = new MirrorFiles(Backups.Disk, Path.Combine(folders["data"], "mirrors"));
        Directory.CreateDirectory(Path.Combine(folders["data"], "mirrors"));
        mirrors.Write(new MirrorSetting("events", "/one", Guid.NewGuid(), IsStopped: false));
        var old = new MirrorSetting(
            "events", "/two", Guid.NewGuid(), IsStopped: false, new MirrorOrigin(Guid.NewGuid().ToString("N"), [3]));
        mirrors.Write(old);
        mirrors.WriteHeads(old.Name, [new ArchiveHead(2, "aa")]);
        await Backups.OfflineAsync(folders["data"], folders["backup"]);
        var disk = new FaultyFileSystem();
        foreach (var name in Backups.FilesOf(folders["backup"]))
        {
            disk.Put("/backup/" + name, await File.ReadAllBytesAsync(Path.Combine(folders["backup"], name)));
        }

        disk.CreateFolder("/new");
        disk.SyncFolder("/");
        return disk;
    }
}
