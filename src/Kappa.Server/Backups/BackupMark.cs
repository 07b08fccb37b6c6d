using System.Globalization;
using System.Security.Cryptography;
using Kappa.Log;
using Kappa.Tables;
using Kappa.Tables.Loop;

namespace Kappa.Server.Backups;

/// <summary>
/// The one place of a backup, as a mark in the journal: the running versions end a transaction exactly there (rule V4),
/// so that the checksums of their tables belong to the very log that is in the backup.
/// </summary>
internal sealed class BackupMark(Platform platform, string by) : IAsyncDisposable
{
    private const int TriesMax = 5;
    private CancellationTokenSource? _reach;
    private List<Task<BackupVersion>> _digests = [];
    private Catalog _catalog = platform.Journal.Catalog;

    /// <summary>The mark's id; null where no version runs that could meet at one.</summary>
    public string? Id { get; private set; }

    /// <summary>Appends the mark and returns the end of its batch; null where no version could meet there.</summary>
    public async ValueTask<Place?> PlaceAsync(CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            _catalog = platform.Journal.Catalog;
            var versions = _catalog.Versions
                .Where(version => version.State is VersionState.Live or VersionState.Ready).ToList();
            if (versions.Count == 0)
            {
                return null;
            }

            var id = "backup-" + RandomNumberGenerator.GetHexString(16, lowercase: true);
            _reach = new CancellationTokenSource(Timeout.InfiniteTimeSpan, platform.Options.Time);
            _digests = versions.ConvertAll(version => DigestAsync(
                version, platform.Versions.SnapshotAtAsync(version.Version, id, _reach.Token), cancel));
            try
            {
                var place = await platform.Journal.AppendAsync(
                    new Marked(id, [.. versions.Select(version => version.Version)], "backup") { By = by }, cancel);
                Id = id;
                return Place.EndOf(place.LogTime);
            }
            catch (KappaException moved) when (moved.Kind == ErrorKind.Conflict && attempt < TriesMax)
            {
                // A version stopped in between: those that still run meet at another mark.
                await DisposeAsync();
            }
        }
    }

    /// <summary>Every version that is not dropped, with the checksums of those that reached the mark in time.</summary>
    /// <param name="patience">So long is waited for them from now on.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<IReadOnlyList<BackupVersion>> VersionsAsync(TimeSpan patience, CancellationToken cancel)
    {
        _reach?.CancelAfter(patience);
        var known = (await Task.WhenAll(_digests).WaitAsync(cancel)).ToDictionary(one => one.Version);
        var versions = new List<BackupVersion>();
        foreach (var version in _catalog.Versions.Where(one => one.State != VersionState.Dropped))
        {
            versions.Add(known.GetValueOrDefault(version.Version.ToString())
                ?? await WithoutAsync(version, "it was still being made: it read the past", cancel));
        }

        return versions;
    }

    /// <summary>Waits for nobody any more.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_reach is { } reach)
        {
            await reach.CancelAsync();
            await Task.WhenAll(_digests).ContinueWith(_ => { }, TaskScheduler.Default);
            reach.Dispose();
            (_reach, _digests) = (null, []);
        }
    }

    private async Task<BackupVersion> DigestAsync(
        CatalogVersion version, Task<ITableSnapshot> meeting, CancellationToken cancel)
    {
        try
        {
            await using var met = await meeting;
            return new BackupVersion(
                version.Version.ToString(), version.State.ToString(), met.Place,
                await TableChecksums.OfAsync(met, cancel), null);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return await WithoutAsync(version, "it did not come to the backup's mark in time", cancel);
        }
        catch (KappaException trouble)
        {
            return await WithoutAsync(version, trouble.Message, cancel);
        }
    }

    /// <summary>A version without checksums: where it stands, and why.</summary>
    private async Task<BackupVersion> WithoutAsync(CatalogVersion version, string why, CancellationToken cancel)
    {
        Place? place = null;
        try
        {
            await using var stored = await platform.Store.ReadAsync(version.Version, cancel);
            place = stored.Place;
        }
        catch (KappaException missing) when (missing.Kind == ErrorKind.NotFound)
        {
            why = "its tables are missing";
        }

        return new BackupVersion(
            version.Version.ToString(), version.State.ToString(), place, new Dictionary<string, string>(),
            version.Runs ? why : string.Create(
                CultureInfo.InvariantCulture,
                $"it is {version.State.ToString().ToLowerInvariant()}: its tables are computed again by nobody"));
    }
}
