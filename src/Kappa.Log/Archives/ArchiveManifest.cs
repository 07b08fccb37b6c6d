using System.Globalization;
using System.Text.Json;

namespace Kappa.Log.Archives;

/// <summary>
/// What an archive has of one partition: a chain of entries, one for each segment, in pages of at most
/// <see cref="PageEntries"/>. Only ever grows at its end. It depends on the segments alone, so whoever writes it anew
/// writes the same bytes. Immutable.
/// </summary>
internal sealed class ArchiveManifest
{
    /// <summary>The most entries of a page: what is replaced with each new segment stays small.</summary>
    public const int PageEntries = 1_000;

    private readonly ArchiveOwner _owner;
    private readonly List<byte[]> _page;

    private ArchiveManifest(ArchiveOwner owner, int partition, ArchiveEntry[] entries, List<byte[]> page, string head)
    {
        _owner = owner;
        Partition = partition;
        Entries = entries;
        _page = page;
        Head = head;
    }

    public int Partition { get; }

    /// <summary>In order of number; each begins with the offset at which the one before ends.</summary>
    public ArchiveEntry[] Entries { get; }

    /// <summary>The hash of the last line.</summary>
    public string Head { get; }

    /// <summary>The offset behind its last record; 0 where it is empty.</summary>
    public long EndOffset => Entries.Length == 0 ? 0 : Entries[^1].EndOffset;

    /// <summary>The page the last entry is in, from 1.</summary>
    private int LastPage => Math.Max(1, (Entries.Length + PageEntries - 1) / PageEntries);

    /// <summary>The object the last entry is in, and its bytes.</summary>
    public (string Name, byte[] Bytes) Page => (PageName(LastPage), ArchiveLines.Join(_page, Entries.Length));

    public static ArchiveManifest Empty(ArchiveOwner owner, int partition) =>
        new(owner, partition, [], [], ArchiveLines.NoHash);

    /// <summary>Reads all pages there are.</summary>
    /// <param name="store">The store.</param>
    /// <param name="owner">Whose it is.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="known">What it is known to hold already: less than that was read too early, and is read
    /// again.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="KappaException">It is damaged, or has less than is known, for longer than
    /// patience.</exception>
    public static ValueTask<ArchiveManifest> LoadAsync(
        PatientStore store, ArchiveOwner owner, int partition, ArchiveHead? known, CancellationToken cancel) =>
        store.TryAsync(
            "be read", ArchiveOwner.FolderOf(owner.Topic, partition), 0,
            async limit =>
            {
                var manifest = Empty(owner, partition);
                for (var page = 1; ; page++)
                {
                    var name = manifest.PageName(page);
                    var before = manifest;
                    if (await store.ReadAsync(name, bytes => before.With(bytes, page, store.Name), limit)
                        is not { } longer)
                    {
                        break;
                    }

                    manifest = longer;
                    if (manifest.Entries.Length < page * PageEntries)
                    {
                        break;
                    }
                }

                return manifest.Holds(known) ? manifest : throw new KappaException(
                    ErrorKind.Unavailable,
                    $"The manifest of topic '{owner.Topic}', partition {partition}, in '{store.Name}' has"
                        + $" {manifest.Entries.Length} entries and not the {known!.Entries} that were written there,"
                        + $" the last of them {known.Hash}.",
                    "Wait for the store, or bring the manifest back from another copy.");
            },
            cancel);

    /// <summary>The manifest with an entry more.</summary>
    public ArchiveManifest With(ArchiveEntry entry)
    {
        List<byte[]> page = Entries.Length % PageEntries == 0
            ? [HeaderLine((Entries.Length / PageEntries) + 1, Head)]
            : [.. _page];
        var line = entry.ToLine(ArchiveLines.HashOf(page[^1]));
        page.Add(line);
        return new ArchiveManifest(_owner, Partition, [.. Entries, entry], page, ArchiveLines.HashOf(line));
    }

    public ArchiveEntry? Find(int number)
    {
        var at = Entries.Length == 0 ? -1 : number - Entries[0].Number;
        return at >= 0 && at < Entries.Length ? Entries[at] : null;
    }

    public ArchiveEntry? FindOffset(long offset) =>
        Array.Find(Entries, entry => entry.BaseOffset <= offset && offset < entry.EndOffset);

    /// <summary>The first entry with a record behind a place.</summary>
    public ArchiveEntry? After(Place place)
    {
        var low = 0;
        var high = Entries.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Entries[middle].Last > place)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low < Entries.Length ? Entries[low] : null;
    }

    /// <summary>Was the manifest, with so many entries, the one that is known?</summary>
    private bool Holds(ArchiveHead? known)
    {
        if (known is null || known.Entries == 0)
        {
            return true;
        }

        if (Entries.Length < known.Entries)
        {
            return false;
        }

        var hash = ArchiveLines.NoHash;
        for (var i = 0; i < known.Entries; i++)
        {
            hash = i % PageEntries == 0 ? ArchiveLines.HashOf(HeaderLine((i / PageEntries) + 1, hash)) : hash;
            hash = ArchiveLines.HashOf(Entries[i].ToLine(hash));
        }

        return hash == known.Hash;
    }

    private string PageName(int page) =>
        ArchiveOwner.FolderOf(_owner.Topic, Partition)
            + "/manifest-" + page.ToString("D6", CultureInfo.InvariantCulture);

    private byte[] HeaderLine(int page, string previous) => ArchiveLines.Line(json =>
    {
        json.WriteNumber("format", ArchiveLines.Format);
        json.WriteString("log", _owner.Log.ToString());
        json.WriteString("topic", _owner.Topic);
        json.WriteNumber("topicId", _owner.TopicId);
        json.WriteNumber("partition", Partition);
        json.WriteNumber("page", page);
        json.WriteString("previous", previous);
    });

    private ArchiveManifest With(byte[] bytes, int page, string store)
    {
        var name = $"{store}/{PageName(page)}";
        var (lines, raw, head, count) = ArchiveLines.Split(bytes, name);
        try
        {
            if (lines.Count < 2)
            {
                throw ArchiveLines.Damage(name, 1, "it has no entry");
            }

            ArchiveOwner.CheckFormat(lines[0], name);
            if (!raw[0].AsSpan().SequenceEqual(HeaderLine(page, Head)))
            {
                throw ArchiveLines.Damage(name, 1, "it is of another log, topic, partition or page");
            }

            var entries = Entries.ToList();
            for (var i = 1; i < lines.Count; i++)
            {
                var entry = ArchiveEntry.Parse(lines[i]);
                if (Contradiction(entry, entries.LastOrDefault()) is { } wrong)
                {
                    throw ArchiveLines.Damage(name, i + 1, wrong);
                }

                entries.Add(entry);
            }

            return count == entries.Count && lines.Count <= PageEntries + 1
                ? new ArchiveManifest(_owner, Partition, [.. entries], raw, head)
                : throw ArchiveLines.Damage(name, lines.Count + 1, $"it counts {count} of {entries.Count} entries");
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException or OverflowException)
        {
            throw ArchiveLines.Damage(name, 1, wrong.Message, wrong);
        }
    }

    private string? Contradiction(ArchiveEntry entry, ArchiveEntry? before) =>
        entry.Partition != Partition ? $"the segment is of partition {entry.Partition}"
        : before is null ? null
        : entry.Number != before.Number + 1 ? $"segment {entry.Number} follows {before.Number}"
        : entry.BaseOffset != before.EndOffset
            ? $"segment {entry.Number} begins with offset {entry.BaseOffset}, not {before.EndOffset}"
        : entry.Last < before.Last ? $"segment {entry.Number} ends before the one before it"
        : null;
}
