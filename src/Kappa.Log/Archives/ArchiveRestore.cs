using Kappa.Log.Archives;

namespace Kappa.Log;

/// <summary>
/// Makes a log out of archives, as far as these reach: the topics with their ids, offsets, stamps and places. The log
/// gets an id of its own, so positions of the lost one are not taken for its (rule L9). Cut short, it is run again.
/// </summary>
public sealed class ArchiveRestore
{
    private readonly LogOptions _options;
    private readonly LogId _id = new(Guid.NewGuid());
    private readonly Action<string> _report;

    private ArchiveRestore(LogOptions options, Action<string> report)
    {
        _options = options;
        _report = report;
    }

    private IFileSystem Files => _options.Files;

    /// <summary>Fills an empty log folder.</summary>
    /// <param name="archives">The topics' archives, all of one log. With that of the clock the passing of log time is
    /// restored too, and which topics were complete.</param>
    /// <param name="options">Where, and on which disk.</param>
    /// <param name="report">Told of each partition; null: nobody.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>How many records were restored.</returns>
    /// <exception cref="KappaException">The folder has a log; the archives are of several logs, do not begin at offset
    /// 0, are damaged or do not answer.</exception>
    public static async ValueTask<long> RunAsync(
        IReadOnlyList<Archive> archives, LogOptions options, Action<string>? report, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(archives);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        options = options with { Folder = Path.GetFullPath(options.Folder) };
        options.Files.CreateFolder(options.Folder);
        using var held = options.Files.Lock(options.Folder);
        if (options.Files.Exists(Path.Combine(options.Folder, Manifest.FileName)))
        {
            throw new KappaException(
                ErrorKind.Conflict, $"'{options.Folder}' has a log; a restore never touches one.",
                "Name a new data folder.");
        }

        return await new ArchiveRestore(options, report ?? (_ => { })).RunAsync(archives, cancel);
    }

    private async ValueTask<long> RunAsync(IReadOnlyList<Archive> archives, CancellationToken cancel)
    {
        foreach (var archive in archives)
        {
            await archive.LoadAsync(again: false, cancel);
            Check(archive, archives[0]);
        }

        var records = 0L;
        foreach (var archive in archives)
        {
            foreach (var manifest in archive.Manifests)
            {
                records += await PartitionAsync(archive, manifest, cancel);
            }
        }

        // Without it there is no log: it is written when everything it names is durable.
        MakeManifest([.. archives.Select(archive => archive.Owner!)]).Write(Files, _options.Folder);
        return records;
    }

    private static void Check(Archive archive, Archive first)
    {
        if (archive.Owner!.Log != first.Owner!.Log)
        {
            throw new KappaException(
                ErrorKind.Invalid,
                $"'{archive.StoreName}' is of log {archive.Owner.Log}, '{first.StoreName}' of {first.Owner.Log}:"
                    + " their log times do not belong together.",
                "Restore archives of one log at a time.");
        }

        if (archive.Topic == Names.Lifecycle)
        {
            throw new KappaException(
                ErrorKind.Invalid, $"'{archive.Topic}' is not restored: the versions it names are gone with their"
                    + " folder.",
                "Restore topics, then deploy the jobs again.");
        }

        foreach (var manifest in archive.Manifests)
        {
            if (manifest.Entries is [{ Number: > 1 } begin, ..])
            {
                throw new KappaException(
                    ErrorKind.Invalid,
                    $"The archive of '{archive.Topic}', partition {manifest.Partition}, begins with offset"
                        + $" {begin.BaseOffset}: offsets 0 to {begin.BaseOffset - 1} were lost before it was made.",
                    "Leave the topic out.");
            }
        }
    }

    private Manifest MakeManifest(IReadOnlyList<ArchiveOwner> owners)
    {
        // The clock knows which topics were complete.
        var ending = owners.Any(owner => owner.Topic == Names.Clock) ? TopicEnding.Asked : TopicEnding.None;
        return new Manifest(
            _id,
            [new(1, Names.Clock, 1, TopicEnding.None), new(2, Names.Lifecycle, 1, TopicEnding.None),
                .. owners.Where(owner => owner.Topic != Names.Clock).OrderBy(owner => owner.TopicId)
                    .Select(owner => new ManifestTopic(owner.TopicId, owner.Topic, owner.Partitions, ending))]);
    }

    private async ValueTask<long> PartitionAsync(
        Archive archive, ArchiveManifest manifest, CancellationToken cancel)
    {
        if (manifest.Entries.Length == 0)
        {
            return 0;
        }

        var folder = Manifest.PartitionFolder(_options.Folder, archive.Owner!.TopicId, manifest.Partition);
        Files.CreateFolder(folder);
        foreach (var name in Files.List(folder))
        {
            Files.Delete(Path.Combine(folder, name));
        }

        foreach (var entry in manifest.Entries)
        {
            await SegmentAsync(archive, entry, Path.Combine(folder, Segment.NameOf(entry.Number)), cancel);
        }

        for (var made = folder; made.Length >= _options.Folder.Length; made = Path.GetDirectoryName(made)!)
        {
            Files.SyncFolder(made);
        }

        _report(
            $"{archive.Topic}, partition {manifest.Partition}: offsets 0 to {manifest.EndOffset - 1}, up to"
                + $" {manifest.Entries[^1].Last}");
        return manifest.EndOffset;
    }

    /// <summary>
    /// A segment as it was, but for the log's id in its header: the batches do not hold that, and stay as they are.
    /// </summary>
    private async ValueTask SegmentAsync(Archive archive, ArchiveEntry entry, string path, CancellationToken cancel)
    {
        using var file = Files.Open(path, FileIntent.Create);
        entry = await archive.FetchAsync(entry, (bytes, at) => file.Write(bytes.Span, at), cancel);
        var header = new byte[SegmentHeader.Size];
        if (file.Read(header, 0) != header.Length || SegmentHeader.TryRead(header, out var was) is not null)
        {
            throw entry.Damage(archive.StoreName, archive.ObjectName(entry), "its header is damaged");
        }

        (was with { LogId = _id.Value }).Write(header);
        file.Write(header, 0);
        file.Truncate(entry.Length);
        file.Sync();
    }
}
