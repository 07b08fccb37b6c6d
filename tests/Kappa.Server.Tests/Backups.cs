using Kappa.Client;
using Kappa.Log;
using Kappa.Server.Backups;
using Xunit;

namespace Kappa.Server.Tests;

/// <summary>Folders for backups and what is restored of them, deleted at the end of a test.</summary>
internal sealed class Backups : IDisposable
{
    private readonly string _root = RunningServer.TempFolder();

    public Backups() => Directory.CreateDirectory(_root);

    public static DiskFileSystem Disk { get; } = DiskFileSystem.ForThisPlatform();

    public string this[string name] => Path.Combine(_root, name);

    public static Restored Restore(string from, string into, IFileSystem? disk = null) =>
        Kappa.Server.Backups.Restore.Run(from, into, disk ?? Disk, TimeProvider.System, CancellationToken.None);

    public static Task<BackupAnswer> OfflineAsync(string data, string into, IFileSystem? disk = null) =>
        OfflineBackup.RunAsync(data, into, disk ?? Disk, TimeProvider.System, CancellationToken.None);

    /// <summary>Starts a server on a restored folder, with the key of the old one put back.</summary>
    public static async Task<RunningServer> StartAsync(string folder, string key)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "admin.key"), key);
        return await RunningServer.StartAsync(folder);
    }

    /// <summary>Waits until every version that can be compared was, and all are the same.</summary>
    public static async Task UntilSameAsync(RunningServer restored, params string[] versions)
    {
        await Loops.UntilAsync(
            async () => (await restored.Client.RestoredAsync()).Versions
                .Where(version => versions.Contains(version.Version)).All(version => version.Verdict is not null),
            "the tables were not compared");
        Assert.All(
            (await restored.Client.RestoredAsync()).Versions.Where(version => versions.Contains(version.Version)),
            version => Assert.Equal("same", version.Verdict));
    }

    /// <summary>Every file of a folder, by its name there.</summary>
    public static IReadOnlyList<string> FilesOf(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder, path)).Order(StringComparer.Ordinal)];

    public void Dispose() => RunningServer.Delete(_root);
}
