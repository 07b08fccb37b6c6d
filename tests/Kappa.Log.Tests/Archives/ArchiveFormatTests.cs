using System.Text;
using Kappa.Log.Archives;
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
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Kappa.slnx")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        var page = File.ReadAllText(Path.Combine(folder, "docs", "formats", "archive.md"));
        Assert.Contains(Encoding.UTF8.GetString(Owner.ToBytes()), page, StringComparison.Ordinal);
        var (name, bytes) = Example().Page;
        Assert.Equal("orders/0000/manifest-000001", name);
        Assert.Contains(Encoding.UTF8.GetString(bytes), page, StringComparison.Ordinal);
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

        var known = new ArchiveHead(manifest.Entries.Length, manifest.Head);
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

    private static ArchiveManifest Example() => ArchiveManifest.Empty(Owner, 0).With(Entry(1)).With(Entry(2));

    private static ArchiveEntry Entry(int number)
    {
        var time = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).UtcTicks;
        return new ArchiveEntry(
            number, new Guid(number, 0, 0, new byte[8]), 0, (number - 1) * 100L, 100,
            new Place(time + (number * 10), 1), new Place(time + (number * 10) + 5, 20),
            65_000, new string('a', 64), (uint)number);
    }
}
