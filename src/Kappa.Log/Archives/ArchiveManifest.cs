using System.Globalization;
using System.Text.Json;

namespace Kappa.Log.Archives;

/// <summary>
/// What an archive has of one partition: a chain of lines, one for each segment and one more for each time that one
/// was written again (rule L10), in pages of at most <see cref="PageEntries"/>. Only ever grows at its end, so an older
/// copy is the beginning of a newer one. Immutable.
/// </summary>
internal sealed class ArchiveManifest
{
    /// <summary>The most entries of a page: what is replaced with each new segment stays small.</summary>
    public const int PageEntries = 1_000;

    private readonly ArchiveOwner _owner;
    private readonly List<byte[]> _page;
    private readonly string[] _hashes;
    private readonly int[] _before;

    private ArchiveManifest(
        ArchiveOwner owner, int partition, ArchiveEntry[] entries, int[] before, string[] hashes, List<byte[]> page)
    {
        _owner = owner;
        Partition = partition;
        Entries = entries;
        _before = before;
        _hashes = hashes;
        _page = page;
    }

    public int Partition { get; }

    /// <summary>
    /// The last word on each segment, in order of number; each begins with the offset at which the one before ends.
    /// </summary>
    public ArchiveEntry[] Entries { get; }

    /// <summary>How many lines there are, of all pages.</summary>
    public int Lines => _hashes.Length;

    /// <summary>What is remembered of it.</summary>
    public ArchiveHead Head => new(Lines, _hashes.Length == 0 ? HashedLines.NoHash : _hashes[^1]);

    /// <summary>The offset behind its last record; 0 where it is empty.</summary>
    public long EndOffset => Entries.Length == 0 ? 0 : Entries[^1].EndOffset;

    /// <summary>The page the last line is in, from 1.</summary>
    private int LastPage => Math.Max(1, (Lines + PageEntries - 1) / PageEntries);

    /// <summary>The object the last line is in, and its bytes.</summary>
    public (string Name, byte[] Bytes) Page => (PageName(LastPage), HashedLines.Join(_page, Lines));

    public static ArchiveManifest Empty(ArchiveOwner owner, int partition) => new(owner, partition, [], [], [], []);

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
                    if (manifest.Lines < page * PageEntries)
                    {
                        break;
                    }
                }

                return manifest.Holds(known) ? manifest : throw new KappaException(
                    ErrorKind.Unavailable,
                    $"The manifest of topic '{owner.Topic}', partition {partition}, in '{store.Name}' has"
                        + $" {manifest.Lines} entries and not the {known!.Entries} that were written there,"
                        + $" the last of them {known.Hash}.",
                    "Wait for the store, or bring the manifest back from another copy.");
            },
            cancel);

    /// <summary>The manifest with an entry more: of the next segment, or of one that was written again.</summary>
    public ArchiveManifest With(ArchiveEntry entry)
    {
        List<byte[]> page = Lines % PageEntries == 0
            ? [HeaderLine((Lines / PageEntries) + 1, Head.Hash, _owner.Format)]
            : [.. _page];
        page.Add(entry.ToLine(HashedLines.HashOf(page[^1])));
        var (entries, before) = (Entries.ToList(), _before.ToList());
        Take(entry, entries, before);
        return new ArchiveManifest(
            _owner, Partition, [.. entries], [.. before], [.. _hashes, HashedLines.HashOf(page[^1])], page);
    }

    /// <summary>The manifest of an archive whose owner's line has changed.</summary>
    public ArchiveManifest Of(ArchiveOwner owner) => new(owner, Partition, Entries, _before, _hashes, _page);

    /// <summary>The manifest with only its first entries, as far as a condition holds of them.</summary>
    public ArchiveManifest Where(Predicate<ArchiveEntry> counts)
    {
        var end = Array.FindIndex(Entries, entry => !counts(entry));
        return end < 0 ? this : new ArchiveManifest(
            _owner, Partition, Entries[..end], _before[..end], _hashes, _page);
    }

    /// <summary>
    /// Objects of a segment that the manifest names no more, or never did: they hold values that were erased since.
    /// Those before were deleted before the entry was written.
    /// </summary>
    public IEnumerable<string> Superseded(ArchiveEntry entry)
    {
        var from = _before[entry.Number - Entries[0].Number];
        return Enumerable.Range(from, entry.Revision - from).Select(
            revision => ArchiveOwner.FolderOf(_owner.Topic, Partition) + "/"
                + ArchiveEntry.NameOf(entry.Number, revision));
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

    /// <summary>Was the manifest, with so many lines, the one that is known?</summary>
    public bool Holds(ArchiveHead? known) => known is null || known.Entries == 0
        || (Lines >= known.Entries && _hashes[known.Entries - 1] == known.Hash);

    private string PageName(int page) =>
        ArchiveOwner.FolderOf(_owner.Topic, Partition)
            + "/manifest-" + page.ToString("D6", CultureInfo.InvariantCulture);

    private byte[] HeaderLine(int page, string previous, int format) => HashedLines.Line(json =>
    {
        json.WriteNumber("format", format);
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
        var (lines, raw, _, count) = HashedLines.Split(bytes, name);
        try
        {
            if (lines.Count < 2)
            {
                throw HashedLines.Damage(name, 1, "it has no entry");
            }

            var format = ArchiveOwner.CheckFormat(lines[0], name);
            if (!raw[0].AsSpan().SequenceEqual(HeaderLine(page, Head.Hash, format)))
            {
                throw HashedLines.Damage(name, 1, "it is of another log, topic, partition or page");
            }

            var (entries, before, hashes) = (Entries.ToList(), _before.ToList(), _hashes.ToList());
            for (var i = 1; i < lines.Count; i++)
            {
                var entry = ArchiveEntry.Parse(lines[i]);
                if (Contradiction(entry, entries) is { } wrong)
                {
                    throw HashedLines.Damage(name, i + 1, wrong);
                }

                Take(entry, entries, before);
                hashes.Add(HashedLines.HashOf(raw[i]));
            }

            return count == hashes.Count && lines.Count <= PageEntries + 1
                ? new ArchiveManifest(_owner, Partition, [.. entries], [.. before], [.. hashes], raw)
                : throw HashedLines.Damage(name, lines.Count + 1, $"it counts {count} of {hashes.Count} entries");
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException or OverflowException)
        {
            throw HashedLines.Damage(name, 1, wrong.Message, wrong);
        }
    }

    private static void Take(ArchiveEntry entry, List<ArchiveEntry> entries, List<int> before)
    {
        var at = entries.Count == 0 ? 0 : entry.Number - entries[0].Number;
        if (at == entries.Count)
        {
            entries.Add(entry);
            before.Add(0);
        }
        else
        {
            before[at] = entries[at].Revision;
            entries[at] = entry;
        }
    }

    private string? Contradiction(ArchiveEntry entry, List<ArchiveEntry> there)
    {
        if (entry.Partition != Partition)
        {
            return $"the segment is of partition {entry.Partition}";
        }

        if (there.Count == 0)
        {
            return null;
        }

        var last = there[^1];
        var at = entry.Number - there[0].Number;
        if (at >= 0 && at < there.Count)
        {
            return entry.Revision <= there[at].Revision
                ? $"segment {entry.Number} has revision {there[at].Revision} before {entry.Revision}"
                : entry.Agrees(there[at]) ? null
                : $"segment {entry.Number} has other records in revision {entry.Revision}";
        }

        return entry.Number != last.Number + 1 ? $"segment {entry.Number} follows {last.Number}"
            : entry.BaseOffset != last.EndOffset
                ? $"segment {entry.Number} begins with offset {entry.BaseOffset}, not {last.EndOffset}"
            : entry.Last < last.Last ? $"segment {entry.Number} ends before the one before it"
            : null;
    }
}
