namespace Kappa.Log.Archives;

/// <summary>The archives attached to a log, by topic.</summary>
internal sealed class LogArchives(SegmentCache cache)
{
    private readonly Lock _lock = new();
    private volatile Dictionary<string, Archive[]> _byTopic = [];

    public SegmentCache Cache { get; } = cache;

    /// <summary>Readers of a topic get out of it what the log has no more.</summary>
    public void Attach(Archive archive) => Change(
        archive.Topic, there => there.Contains(archive) ? there : [.. there, archive]);

    public void Detach(Archive archive) => Change(archive.Topic, there => [.. there.Where(one => one != archive)]);

    /// <summary>What archives have of a partition; null where its topic has none.</summary>
    public ArchivedPartition? Of(Partition partition) => _byTopic.TryGetValue(partition.Topic, out var archives)
        ? new ArchivedPartition(partition, archives, Cache) : null;

    /// <summary>Of each archive of a topic, how far it is known to reach in each partition.</summary>
    public IReadOnlyList<IReadOnlyList<long>> EndOffsets(string topic) =>
        [.. _byTopic.GetValueOrDefault(topic, [])
            .Select(archive => archive.Manifests.Select(manifest => manifest.EndOffset).ToArray())];

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
