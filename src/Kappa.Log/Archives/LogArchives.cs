using Kappa.Log.Erasures;

namespace Kappa.Log.Archives;

/// <summary>The archives attached to a log, by topic.</summary>
internal sealed class LogArchives(ErasureNotes erasures, SegmentCache cache)
{
    private readonly Lock _lock = new();
    private volatile Dictionary<string, Archive[]> _byTopic = [];

    public SegmentCache Cache { get; } = cache;

    /// <summary>Readers of a topic get out of it what the log has no more.</summary>
    public void Attach(Archive archive) => Change(
        archive.Topic, there => there.Contains(archive) ? there : [.. there, archive]);

    public void Detach(Archive archive) => Change(archive.Topic, there => [.. there.Where(one => one != archive)]);

    /// <summary>A topic is gone: its archives are not those of a later one of its name.</summary>
    public void Detach(string topic) => Change(topic, _ => []);

    /// <summary>What archives have of a partition; null where its topic has none.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="but">One that does not count.</param>
    public ArchivedPartition? Of(Partition partition, Archive? but = null) =>
        _byTopic.GetValueOrDefault(partition.Topic, []).Where(archive => archive != but).ToArray()
            is { Length: > 0 } archives ? new ArchivedPartition(partition, archives, Cache, erasures) : null;

    /// <summary>
    /// How far every archive of a topic is known to reach in each partition; null where it has none. Those of the log
    /// this one was restored from count only where there is no other: nothing is added to them.
    /// </summary>
    public IReadOnlyList<long>? EndOffsets(string topic, int partitions)
    {
        var archives = _byTopic.GetValueOrDefault(topic, []);
        var own = archives.Where(archive => archive.Inherited is null).ToArray();
        return archives.Length == 0 ? null : [.. Enumerable.Range(0, partitions).Select(number => own.Length > 0
            ? own.Min(archive => EndOffset(archive, number))
            : archives.Max(archive => EndOffset(archive, number)))];
    }

    /// <summary>Has a topic any?</summary>
    public bool Has(string topic) => _byTopic.ContainsKey(topic);

    /// <summary>Do they have, as far as they are known, everything that the log has no more of a topic?</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="starts">For every partition the offset of the first record in the log.</param>
    /// <param name="but">An archive that does not count.</param>
    public bool HaveAllBefore(string topic, IReadOnlyList<long> starts, Archive? but = null) =>
        _byTopic.GetValueOrDefault(topic, []).Where(archive => archive != but).ToArray() is { Length: > 0 } archives
        && starts.Select((start, number) => ReachFromStart(archives, number) >= start).All(isThere => isThere);

    /// <summary>
    /// Asks archives of a topic that were not asked yet, until these have all that the log has no more.
    /// </summary>
    /// <exception cref="KappaException">They have not, and one that may have it cannot be read.</exception>
    public async ValueTask AskAsync(string topic, IReadOnlyList<long> starts, CancellationToken cancel)
    {
        KappaException? trouble = null;
        foreach (var archive in _byTopic.GetValueOrDefault(topic, []).TakeWhile(_ => !HaveAllBefore(topic, starts)))
        {
            try
            {
                await archive.LoadAsync(again: false, cancel);
            }
            catch (KappaException failed)
            {
                // One that is not there yet has nothing.
                trouble ??= failed.Kind == ErrorKind.NotFound ? null : failed;
            }
        }

        if (trouble is not null && !HaveAllBefore(topic, starts))
        {
            throw trouble;
        }
    }

    /// <summary>May an archive, as far as it is known, have something that the log has no more?</summary>
    public static bool MayHaveBefore(Archive archive, IReadOnlyList<long> starts) =>
        archive.Manifests.Length == 0 || archive.Manifests.Any(manifest => manifest.Partition < starts.Count
            && manifest.Entries is [var first, ..] && first.BaseOffset < starts[manifest.Partition]);

    private static long EndOffset(Archive archive, int partition) =>
        partition < archive.Manifests.Length ? archive.Manifests[partition].EndOffset : 0;

    /// <summary>The offset up to which archives have everything together; 0: not even the first record.</summary>
    private static long ReachFromStart(IReadOnlyList<Archive> archives, int partition)
    {
        var spans = archives.Where(archive => partition < archive.Manifests.Length)
            .Select(archive => archive.Manifests[partition]).Where(manifest => manifest.Entries.Length > 0)
            .Select(manifest => (From: manifest.Entries[0].BaseOffset, To: manifest.EndOffset))
            .OrderBy(span => span.From);
        var reach = 0L;
        foreach (var (from, to) in spans.TakeWhile(span => span.From <= reach))
        {
            reach = Math.Max(reach, to);
        }

        return reach;
    }

    private void Change(string topic, Func<Archive[], Archive[]> change)
    {
        lock (_lock)
        {
            var changed = change(_byTopic.GetValueOrDefault(topic, []));
            var all = new Dictionary<string, Archive[]>(_byTopic);
            if (changed.Length == 0)
            {
                all.Remove(topic);
            }
            else
            {
                all[topic] = changed;
            }

            _byTopic = all;
        }
    }
}
