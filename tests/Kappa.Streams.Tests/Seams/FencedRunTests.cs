using Kappa.Log;
using Kappa.Streams.Runtime;
using Kappa.Tables;
using Kappa.Tables.Loop;
using Xunit;

namespace Kappa.Streams.Tests.Seams;

/// <summary>Rule C4: a run that another process has taken over from stops for good, and harms nobody.</summary>
public sealed class FencedRunTests
{
    [Fact]
    public async Task A_run_in_trouble_stops_when_another_process_took_over_and_its_successor_goes_on_C4()
    {
        using var folder = new TemporaryFolder();
        var readings = Sequence.Random(5, 90, 2, complete: false).Readings.Select(pair => pair.Reading).ToList();
        FullStore? store = null;
        await using var house = await House.OpenAsync(folder.Path, store: plain => store = new FullStore(plain));
        var version = await house.MakeAsync(GoldenJobs.Minutes);
        await house.AppendAsync(readings[..30]);
        await house.CaughtUpAsync(version);
        store!.IsFull = true;
        await house.AppendAsync(readings[30..60]);
        await UntilAsync(() => house.Reports.Count > 0);

        // Another process takes over the version, while this one tries again and again.
        using var journal = await Journal.OpenAsync(house.Log, CancellationToken.None);
        await using var successor = Successor(folder, house, journal, store.Inner);
        await successor.ReconcileAsync(journal.Catalog, CancellationToken.None);
        await successor.CommittedAsync(version, new Place(house.Log.CompleteTo, 0), CancellationToken.None);

        await UntilAsync(() => house.Reports.Any(
            report => report.Contains("has taken over", StringComparison.Ordinal)));
        store.IsFull = false;
        var said = house.Reports.Count;
        await house.AppendAsync(readings[60..]);
        await successor.CommittedAsync(version, new Place(house.Log.CompleteTo, 0), CancellationToken.None);

        Assert.Equal(VersionState.Live, house.Journal.Catalog.Find(version)!.State);
        Assert.Contains("has taken over", house.Versions.ProgressOf(version)!.Error, StringComparison.Ordinal);
        Assert.Null(successor.ProgressOf(version)!.Error);
        Assert.Equal(said, house.Reports.Count);
        var waiting = await Assert.ThrowsAsync<FencedException>(
            () => house.Versions.CommittedAsync(version, Place.EndOf(long.MaxValue), CancellationToken.None));
        Assert.Equal(ErrorKind.Conflict, waiting.Kind);
    }

    [Fact]
    public async Task A_switch_in_a_process_that_was_shut_out_fails_no_version_and_its_successor_decides_it_C4_V6()
    {
        using var folder = new TemporaryFolder();
        var readings = Sequence.Random(7, 60, 2, complete: false).Readings.Select(pair => pair.Reading).ToList();
        await using var house = await House.OpenAsync(folder.Path);
        var live = await house.MakeAsync(GoldenJobs.Minutes);
        await house.AppendAsync(readings[..30]);
        await house.CaughtUpAsync(live);
        var next = await house.MakeAsync(GoldenJobs.Minutes);
        await house.StateAsync(next, VersionState.Ready);
        await house.AppendAsync(readings[30..]);
        using (var journal = await Journal.OpenAsync(house.Log, CancellationToken.None))
        {
            // Another process takes the tables, and does not come up.
            await using var other = Successor(folder, house, journal, house.Store);
            await other.ReconcileAsync(journal.Catalog, CancellationToken.None);
            var end = new Place(house.Log.CompleteTo, 0);
            await other.CommittedAsync(live, end, CancellationToken.None);
            await other.CommittedAsync(next, end, CancellationToken.None);
        }

        await Assert.ThrowsAsync<FencedException>(() => house.SwitchAsync(next));

        Assert.All(house.Journal.Catalog.Versions, version => Assert.Null(version.Error));
        using var later = await Journal.OpenAsync(house.Log, CancellationToken.None);
        Assert.NotNull(later.Catalog.PendingSwitch);
        await using var successor = Successor(folder, house, later, house.Store);
        await new Reconciliation(later, successor, house.Store, TimeProvider.System).RunAsync(CancellationToken.None);
        Assert.Equal(next, later.Catalog.Live(next.Job)?.Version);
        Assert.All(later.Catalog.Versions, version => Assert.Null(version.Error));
    }

    [Fact]
    public async Task A_process_that_slept_takes_no_version_from_the_one_that_came_behind_it_C4()
    {
        using var folder = new TemporaryFolder();
        await using var house = await House.OpenAsync(folder.Path);
        var asleep = new SleepingJobs(house);
        await using var slept = Successor(folder, house, house.Journal, house.Store, asleep);
        await using var successor = Successor(folder, house, house.Journal, house.Store);

        // It begins when nothing is there yet that it could open, and sleeps while another opens it.
        await slept.ReconcileAsync(house.Journal.Catalog, CancellationToken.None);
        await successor.ReconcileAsync(house.Journal.Catalog, CancellationToken.None);
        var version = await house.MakeAsync(GoldenJobs.Minutes);
        await successor.CommittedAsync(version, Place.Start, CancellationToken.None);
        asleep.Wake();

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var fence = await Assert.ThrowsAsync<FencedException>(
            () => slept.CommittedAsync(version, Place.EndOf(long.MaxValue), patience.Token));
        Assert.Contains("has taken over", fence.Message, StringComparison.Ordinal);
        await house.AppendAsync(Sequence.Random(9, 30, 2, complete: false).Readings.Select(pair => pair.Reading));
        await successor.CommittedAsync(version, new Place(house.Log.CompleteTo, 0), CancellationToken.None);
        Assert.Null(successor.ProgressOf(version)!.Error);
    }

    private static Versions Successor(
        TemporaryFolder folder, House house, Journal journal, ITableStore store, IJobSource? jobs = null) =>
        new(house.Log, journal, store, jobs ?? house, new VersionsOptions
        {
            StateFolder = Path.Combine(folder.Path, "state-" + Guid.NewGuid().ToString("N")),
            Files = DiskFileSystem.ForThisPlatform(),
        });

    private static async Task UntilAsync(Func<bool> holds)
    {
        var patience = System.Diagnostics.Stopwatch.StartNew();
        while (!holds())
        {
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(60), "It does not come.");
            await Outputs.Polling.NextAsync();
        }
    }

    /// <summary>Jobs that are not loaded before somebody wakes them.</summary>
    private sealed class SleepingJobs(IJobSource inner) : IJobSource
    {
        private readonly TaskCompletionSource _awake = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Wake() => _awake.SetResult();

        public async ValueTask<Topology> LoadAsync(CatalogVersion version, CancellationToken cancel)
        {
            await _awake.Task.WaitAsync(cancel);
            return await inner.LoadAsync(version, cancel);
        }

        public void Release(JobVersion version) => inner.Release(version);
    }
}
