using System.Text;
using Xunit;

namespace Kappa.Log.Tests.Archives;

/// <summary>
/// Twins of segments that only archives have (rule L11): what was read once is not decoded or fetched again, and what
/// was erased is in none of them (rule L10).
/// </summary>
public sealed class ArchivedTwinTests
{
    private const string Folder = "/twins";

    /// <summary>Of values that end with 0 it makes marks.</summary>
    private static readonly Reversed Twins = new(isUndecodable: value => value[^1] == '0');

    [Fact]
    public async Task A_replay_out_of_an_archive_is_typed_from_the_second_time_on_and_fetches_nothing_L11_L9()
    {
        await using var house = await ArchivedAsync();
        var expected = Reversed.Events(await house.Log.ReadAsync(Place.Start, "t"));
        Assert.Equal(expected, Reversed.Events(await TypedAsync(house)));
        Assert.Equal(0, house.Log.ProjectionsOf("t").Count);

        var written = await house.Log.ProjectAsync(Twins, null, default);

        Assert.True(written > 6);
        Assert.Equal(0, await house.Log.ProjectAsync(Twins, null, default));
        await house.Log.DisposeAsync();
        await house.OpenLogAsync(Folder);
        house.Log.Attach(house.NewArchive());
        house.Log.KeepProjections([Twins.Key]);
        house.Store.Fault = (_, name) => name.EndsWith(".segment", StringComparison.Ordinal)
            ? StoreFault.Hangs : StoreFault.None;
        var typed = await TypedAsync(house, isDecoded: false);
        Assert.True(typed.Count(batch => batch.Projection is not null) > 50);
        house.Store.Fault = (_, _) => StoreFault.None;

        // Marks are looked up in the archive.
        Assert.Equal(expected, Reversed.Events(await TypedAsync(house)));
        for (var at = 0; at < typed.Count; at += 11)
        {
            var after = typed[at].PlaceOf(typed[at].Count / 2);
            var behind = Reversed.Events(await house.Log.ReadAsync(after, "t"));
            Assert.Equal(behind, Reversed.Events(await TypedAsync(house, after)));
        }
    }

    [Fact]
    public async Task A_twin_of_the_log_stays_when_retention_leaves_its_segment_to_the_archive_L11_L9()
    {
        await using var house = await ArchivedAsync(isRemoved: false);
        var expected = Reversed.Events(await TypedAsync(house));
        await house.Log.ProjectAsync(Twins, null, default);
        var before = house.Log.ProjectionsOf("t").Count;
        house.RemoveArchived(house.Attached!);
        Assert.True(before > 6);
        Assert.Equal(before, house.Log.ProjectionsOf("t").Count);
        Assert.Equal(expected, Reversed.Events(await TypedAsync(house)));

        // And goes with the archive.
        house.Detach();
        house.Log.KeepProjections([Twins.Key]);
        Assert.Equal(0, house.Log.ProjectionsOf("t").Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_erased_is_in_no_twin_of_log_or_archive_L10_L11(bool isRemoved)
    {
        await using var house = await ArchivedAsync(isRemoved);
        await TypedAsync(house);
        Assert.True(await house.Log.ProjectAsync(Twins, null, default) > 4);
        Assert.Contains(house.Disk.Snapshot(), HasCanary);

        await house.EraseAsync();

        // Also while the archive has it still, and readers ask for twins again.
        Assert.DoesNotContain(house.Disk.Snapshot(), HasCanary);
        await TypedAsync(house);
        await house.Log.ProjectAsync(Twins, null, default);
        Assert.DoesNotContain(house.Disk.Snapshot(), HasCanary);
        await house.NewMirror().CopyAsync(default);
        house.Log.Attach(house.NewArchive());
        var expected = Reversed.Events(await house.Log.ReadAsync(Place.Start, "t"));
        Assert.Equal(expected, Reversed.Events(await TypedAsync(house)));
        await house.Log.ProjectAsync(Twins, null, default);
        Assert.Equal(expected, Reversed.Events(await TypedAsync(house)));
        Assert.True(house.Log.ProjectionsOf("t").Count > 4);
        Assert.DoesNotContain(house.Disk.Snapshot(), HasCanary);
        Assert.Contains((await TypedAsync(house)).Where(batch => batch.Projection is not null), batch =>
        {
            var hasErased = false;
            foreach (var record in batch)
            {
                hasErased |= record.IsErased;
            }

            return hasErased;
        });

        static bool HasCanary(KeyValuePair<string, byte[]> file) =>
            file.Key.StartsWith(Folder, StringComparison.Ordinal)
            && file.Value.AsSpan().IndexOf(Encoding.UTF8.GetBytes("a3f7-yranac")) >= 0;
    }

    [Fact]
    public async Task A_damaged_twin_of_an_archived_segment_is_removed_and_the_archive_is_read_L11()
    {
        await using var house = await ArchivedAsync();
        var expected = Reversed.Events(await TypedAsync(house));
        await house.Log.ProjectAsync(Twins, null, default);
        var whole = house.Disk.Snapshot();
        var path = whole.Keys.First(name => name.EndsWith(".projection", StringComparison.Ordinal));
        for (var at = 300; at < whole[path].Length; at += 9_001)
        {
            byte[] changed = [.. whole[path]];
            changed[at] ^= 1;
            house.Disk.Put(path, changed);
            Assert.Equal(expected, Reversed.Events(await TypedAsync(house)));
            Assert.False(house.Disk.Exists(path));
            Assert.Equal(1, await house.Log.ProjectAsync(Twins, null, default));
        }
    }

    [Fact]
    public async Task Twins_of_archived_segments_stay_within_their_bound_L11()
    {
        await using var house = await ArchivedAsync(bytesMax: 150 << 10);
        var expected = Reversed.Events(await TypedAsync(house));
        var written = await house.Log.ProjectAsync(Twins, null, default);
        Assert.InRange(written, 1, 4);
        Assert.InRange(house.Log.ProjectionsOf("t").Bytes, 1, 150 << 10);
        Assert.Equal(expected, Reversed.Events(await TypedAsync(house)));
        Assert.InRange(await house.Log.ProjectAsync(Twins, null, default), 0, 1);
        Assert.InRange(house.Log.ProjectionsOf("t").Bytes, 1, 150 << 10);
    }

    private static async Task<House> ArchivedAsync(bool isRemoved = true, long bytesMax = 1 << 30)
    {
        var house = await ErasedHouse.OpenAsync(0);
        await house.Log.DisposeAsync();
        await house.OpenLogAsync(Folder, bytesMax);
        await house.FillAsync(60);
        var mirror = house.NewMirror();
        await mirror.CopyAsync(default);
        house.Attach(mirror.Archive);
        if (isRemoved)
        {
            house.RemoveMirrored(mirror);
        }

        return house;
    }

    private static async Task<List<RecordBatch>> TypedAsync(House house, Place after = default, bool isDecoded = true)
    {
        var batches = new List<RecordBatch>();
        await using var sequence = house.Log.Read(["t"], after, [Twins]);
        while (sequence.TryRead(out var batch))
        {
            batches.Add(batch);
            if (isDecoded)
            {
                batch.AsAppended().MoveNext();
            }
        }

        return batches;
    }
}
