using Kappa.Log;
using Kappa.Tables;
using Kappa.Tables.Loop;

namespace Kappa.Server.Backups;

/// <summary>
/// On a restored data folder: compares the tables of every running version, computed again, with what the old server
/// had at the backup's mark. What it finds is kept in <c>restored.json</c> and told.
/// </summary>
internal sealed class RestoreCheck : IAsyncDisposable
{
    private readonly Platform _platform;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private Task _checks = Task.CompletedTask;
    private volatile RestoredFrom? _from;

    private RestoreCheck(Platform platform, RestoredFrom? from)
    {
        _platform = platform;
        _from = from;
    }

    /// <summary>What the folder was restored from, with the verdicts so far; null where it was not.</summary>
    public RestoredFrom? From => _from;

    /// <summary>Begins. Before the versions start: else one could pass the mark unseen.</summary>
    public static async Task<RestoreCheck> StartAsync(Platform platform, CancellationToken cancel)
    {
        var check = new RestoreCheck(platform, RestoredFrom.Read(platform.Options.Files, platform.Folder.Root));
        if (check._from is { Mark: { } mark } from)
        {
            var checks = new List<Task>();
            foreach (var then in from.Versions
                .Where(one => one.Checksums.Count > 0 && !from.Verdicts.ContainsKey(one.Version)))
            {
                var version = platform.Journal.Catalog.Find(JobVersion.Parse(then.Version));
                if (version is { Runs: true } && await IsBeforeAsync(platform, version.Version, from.Place, cancel))
                {
                    checks.Add(check.CompareAsync(
                        then, platform.Versions.SnapshotAtAsync(version.Version, mark, check._stop.Token)));
                }
            }

            check._checks = Task.WhenAll(checks);
        }

        return check;
    }

    /// <summary>Waits until all that runs was compared.</summary>
    public Task DoneAsync(CancellationToken cancel) => _checks.WaitAsync(cancel);

    /// <summary>
    /// Is a version not yet where it was on the old server? Then its tables are being computed again, and incomplete.
    /// </summary>
    public bool IsBehind(CatalogVersion version, Place place) =>
        _from is { } from && version.Runs
        && from.Versions.FirstOrDefault(then => then.Version == version.Version.ToString()) is { } then
        && place.LogTime < (then.Place ?? from.Place).LogTime;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _checks;
        _stop.Dispose();
        _turn.Dispose();
    }

    private static async Task<bool> IsBeforeAsync(
        Platform platform, JobVersion version, Place place, CancellationToken cancel)
    {
        try
        {
            await using var stored = await platform.Store.ReadAsync(version, cancel);
            return stored.Place.LogTime < place.LogTime;
        }
        catch (KappaException none) when (none.Kind == ErrorKind.NotFound)
        {
            return true;
        }
    }

    private async Task CompareAsync(BackupVersion then, Task<ITableSnapshot> meeting)
    {
        try
        {
            await using var now = await meeting;
            var checksums = await TableChecksums.OfAsync(now, _stop.Token);
            var differing = then.Checksums.Keys.Union(checksums.Keys).Order(StringComparer.Ordinal)
                .Where(table => then.Checksums.GetValueOrDefault(table) != checksums.GetValueOrDefault(table)).ToList();
            await DecideAsync(then.Version, differing.Count == 0
                ? RestoredFrom.Same : $"{string.Join(", ", differing)} differ");
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // It is compared at the next start, unless it passes the place before.
            return;
        }
        catch (Exception trouble) when (trouble is KappaException or OperationCanceledException)
        {
            _platform.Options.Report(
                $"{then.Version} could not be compared with the tables it had before the restore: {trouble.Message}");
        }
    }

    private async Task DecideAsync(string version, string verdict)
    {
        await _turn.WaitAsync(_stop.Token);
        try
        {
            var origin = _from!;
            var decided = origin with
            {
                Verdicts = new SortedDictionary<string, string>(
                    origin.Verdicts.ToDictionary(), StringComparer.Ordinal)
                { [version] = verdict },
            };
            decided.Write(_platform.Options.Files, _platform.Folder.Root);
            _from = decided;
            _platform.Options.Report(verdict == RestoredFrom.Same
                ? $"{version}: the tables at {origin.Place} are those of the server the backup was taken from."
                : $"{version}: {verdict} at {origin.Place} from the server the backup was taken from. Either the job's "
                    + "code is not deterministic, or its environment is another one.");
        }
        finally
        {
            _turn.Release();
        }
    }
}
