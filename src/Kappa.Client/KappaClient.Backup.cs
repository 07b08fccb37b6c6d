namespace Kappa.Client;

/// <content>Backups.</content>
public sealed partial class KappaClient
{
    /// <summary>Has the server write a backup to a folder of its own machine; returns when it is whole.</summary>
    public Task<BackupAnswer> BackupAsync(BackupRequest request, CancellationToken cancel = default) =>
        PostAsync<BackupAnswer>("/v1/backup", request, cancel);

    /// <summary>What the server's data folder was restored from, and whether the tables are the same.</summary>
    public Task<RestoredView> RestoredAsync(CancellationToken cancel = default) =>
        GetAsync<RestoredView>("/v1/restored", cancel);
}
