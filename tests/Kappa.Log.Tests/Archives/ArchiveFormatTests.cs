using System.Text;
using Kappa.Log.Archives;
using Kappa.Log.Erasures;
using Xunit;

namespace Kappa.Log.Tests.Archives;

/// <summary>docs/formats/archive.md has a worked example: this makes it.</summary>
public sealed class ArchiveFormatTests
{
    private static readonly ArchiveOwner Owner = new(
        new LogId(new Guid("00112233445566778899aabbccddeeff")), "orders", 3, 1,
        new Guid("ffeeddccbbaa99887766554433221100"));

    [Fact]
    public void The_page_shows_what_is_written()
    {
        var page = Page("archive.md");
        Assert.Contains(Encoding.UTF8.GetString(Owner.ToBytes()), page, StringComparison.Ordinal);
        var (name, bytes) = Example().Page;
        Assert.Equal("orders/0000/manifest-000001", name);
        Assert.Contains(Encoding.UTF8.GetString(bytes), page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_of_the_folder_shows_a_note_of_what_was_erased_L10()
    {
        var (first, second) = (new OffsetRanges(), new OffsetRanges());
        first.Add(600);
        first.Add(612, 2);
        first.Add(614);
        second.Add(650, 2);
        var segment = new SegmentName(3, 0, 7);
        var note = new ErasureNote(segment, State(7, 65_000), []).With(new Erasure(false, first, State(103, 64_000)))
            .With(new Erasure(true, second, null));
        Assert.Equal("000003-0000-00000007.erased", segment.FileName);
        Assert.Equal(segment, SegmentName.Parse(segment.FileName));
        Assert.Null(SegmentName.Parse("000003-0000.erased"));

        var bytes = note.ToBytes(Owner.Log);

        Assert.Contains(Encoding.UTF8.GetString(bytes), Page("manifest.md"), StringComparison.Ordinal);
        var read = ErasureNote.Parse(bytes, segment, Owner.Log, "here");
        Assert.Equal(bytes, read.ToBytes(Owner.Log));
        Assert.Equal(Erasing.Nothing, read.Of(611, 0));
        Assert.Equal(Erasing.Value, read.Of(614, 0));
        Assert.Equal(Erasing.Nothing, read.Of(614, 1));
        Assert.Equal(Erasing.ValueAndKey, read.Of(651, 1));

        static SegmentState State(int id, long length) => new(new Guid(id, 0, 0, new byte[8]), length, (uint)id);
    }

    [Fact]
    public void A_format_that_is_not_known_is_refused_clearly_I20()
    {
        var newer = (Owner with { Format = 3 }).ToBytes();
        var refused = Assert.Throws<KappaException>(() => ArchiveOwner.Parse(newer, "memory", "orders"));
        Assert.Equal(ErrorKind.Invalid, refused.Kind);
        Assert.Contains("format 3; this Kappa reads 1 to 2", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_manifest_goes_over_pages_and_is_read_again()
    {
        var time = new ImpatientTime();
        var store = new MemoryStore("memory", time);
        var manifest = ArchiveManifest.Empty(Owner, 0);
        var patient = new PatientStore(store, new ArchivePatience { Time = time });
        for (var number = 1; number <= (2 * ArchiveManifest.PageEntries) + 5; number++)
        {
            manifest = manifest.With(Entry(number));
            if (number % ArchiveManifest.PageEntries is 0 or 5)
            {
                store.Objects[manifest.Page.Name] = manifest.Page.Bytes;
            }
        }

        var known = manifest.Head;
        var read = await ArchiveManifest.LoadAsync(patient, Owner, 0, known, CancellationToken.None);

        Assert.Equal(3, store.Objects.Count);
        Assert.Equal(manifest.Entries, read.Entries);
        Assert.Equal(manifest.Page.Bytes, read.Page.Bytes);
        Assert.Equal(Entry(1_234), read.Find(1_234));
        Assert.Equal(Entry(77), read.FindOffset(7_650));
        Assert.Equal(Entry(78), read.After(Entry(77).Last));
        Assert.Null(read.After(Entry(2_005).Last));

        // A page of another place in the chain is not taken for it.
        store.Objects["orders/0000/manifest-000002"] = store.Objects["orders/0000/manifest-000001"];
        await Logs.RefusedAsync(ErrorKind.Corrupt, () =>
            ArchiveManifest.LoadAsync(patient, Owner, 0, null, CancellationToken.None).AsTask());
    }

    private static string Page(string name)
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Kappa.slnx")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return File.ReadAllText(Path.Combine(folder, "docs", "formats", name));
    }

    // Two segments, of which the first was written again.
    private static ArchiveManifest Example() => ArchiveManifest.Empty(Owner, 0).With(Entry(1)).With(Entry(2)).With(
        Entry(1) with { Revision = 1, SegmentId = new Guid(101, 0, 0, new byte[8]), Length = 64_000, Chain = 101 });

    private static ArchiveEntry Entry(int number)
    {
        var time = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).UtcTicks;
        return new ArchiveEntry(
            number, new Guid(number, 0, 0, new byte[8]), 0, (number - 1) * 100L, 100,
            new Place(time + (number * 10), 1), new Place(time + (number * 10) + 5, 20),
            65_000, new string('a', 64), (uint)number);
    }
}
