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
        var troubled = new List<TroubledStore>();
        await using var house = await House.OpenAsync(folder.Path, store: plain =>
        {
            troubled.Add(new TroubledStore(plain));
            return troubled[0];
        });
        var version = await house.MakeAsync(GoldenJobs.Minutes);
        await house.AppendAsync(readings[..30]);
        await house.CaughtUpAsync(version);
        troubled[0].IsInTrouble = true;
        await house.AppendAsync(readings[30..60]);
        await UntilAsync(() => house.Reports.Count > 0);

        // Another process takes over the version, while this one tries again and again.
        using var journal = await Journal.OpenAsync(house.Log, CancellationToken.None);
        await using var successor = new Versions(house.Log, journal, troubled[0].Inner, house, new VersionsOptions
        {
            StateFolder = Path.Combine(folder.Path, "other-state"),
            Files = DiskFileSystem.ForThisPlatform(),
        });
        await successor.ReconcileAsync(journal.Catalog, CancellationToken.None);
        await successor.CommittedAsync(version, new Place(house.Log.CompleteTo, 0), CancellationToken.None);

        await UntilAsync(() => house.Reports.Any(
            report => report.Contains("has taken over", StringComparison.Ordinal)));
        troubled[0].IsInTrouble = false;
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

    private static async Task UntilAsync(Func<bool> holds)
    {
        var patience = System.Diagnostics.Stopwatch.StartNew();
        while (!holds())
        {
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(60), "It does not come.");
            await Outputs.Polling.NextAsync();
        }
    }

    /// <summary>A store whose commits fail while it is in trouble.</summary>
    private sealed class TroubledStore(ITableStore inner) : ITableStore
    {
        public ITableStore Inner => inner;

        public volatile bool IsInTrouble;

        public async ValueTask<ITableWriter> OpenAsync(
            JobVersion version, IReadOnlyList<TableSchema> tables, long epoch, CancellationToken cancel) =>
            new Writer(this, await inner.OpenAsync(version, tables, epoch, cancel));

        public ValueTask<ITableSnapshot> ReadAsync(JobVersion version, CancellationToken cancel) =>
            inner.ReadAsync(version, cancel);

        public ValueTask PointAsync(IReadOnlyList<JobVersion> live, CancellationToken cancel) =>
            inner.PointAsync(live, cancel);

        public ValueTask DropAsync(JobVersion version, CancellationToken cancel) => inner.DropAsync(version, cancel);

        public ValueTask DisposeAsync() => inner.DisposeAsync();

        private sealed class Writer(TroubledStore store, ITableWriter inner) : ITableWriter
        {
            public Place Committed => inner.Committed;

            public ValueTask CommitAsync(TableChanges changes, Place place, CancellationToken cancel) =>
                store.IsInTrouble
                    ? throw new KappaException(ErrorKind.Unavailable, "The disk is full.", "Free some space.")
                    : inner.CommitAsync(changes, place, cancel);

            public ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }
}
