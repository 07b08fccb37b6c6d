namespace Kappa.Crash;

/// <summary>A record as it is read.</summary>
internal readonly record struct Stored(long Offset, long Stamp, string Key, byte[] Value);

/// <summary>All that a log says when it is read: users' records by partition, and the last stamp.</summary>
internal sealed class Contents
{
    private readonly Dictionary<(string, int), List<Stored>> _partitions = [];

    public long LastStamp { get; private set; }

    /// <summary>What is wrong in itself: stamps that fall, offsets that are not dense. Null when nothing is.</summary>
    public string? Wrong { get; private set; }

    public IReadOnlyDictionary<(string Topic, int Partition), List<Stored>> Partitions => _partitions;

    /// <summary>Reads until the end, or until damage is told.</summary>
    public static async Task<Contents> ReadAsync(EmbeddedLog log, Action<KappaException>? damaged = null)
    {
        var contents = new Contents();
        string[][] sets = damaged is null
            ? [[.. log.Topics.Select(topic => topic.Name)]]
            : [.. log.Topics.Select(topic => new[] { topic.Name })];
        foreach (var set in sets)
        {
            try
            {
                await using var sequence = log.Read(set, Place.Start);
                var last = 0L;
                while (sequence.TryRead(out var batch))
                {
                    if (set.Contains(batch.Topic))
                    {
                        contents.Add(batch, last);
                    }

                    last = batch.LogTime;
                }
            }
            catch (KappaException damage) when (damaged is not null)
            {
                damaged(damage);
            }
        }

        return contents;
    }

    /// <summary>Does every partition begin with what the other one has?</summary>
    public bool BeginsWith(Contents other) => other._partitions.All(pair =>
        _partitions.GetValueOrDefault(pair.Key) is { } mine
        && pair.Value.Count <= mine.Count
        && !pair.Value.Where((record, i) => !IsSame(record, mine[i])).Any());

    /// <summary>The same without one topic.</summary>
    public Contents Without(string topic)
    {
        var without = new Contents { LastStamp = LastStamp, Wrong = Wrong };
        foreach (var (key, records) in _partitions.Where(pair => pair.Key.Item1 != topic))
        {
            without._partitions.Add(key, records);
        }

        return without;
    }

    private static bool IsSame(in Stored one, in Stored other) =>
        one.Offset == other.Offset && one.Stamp == other.Stamp && one.Key == other.Key
        && one.Value.AsSpan().SequenceEqual(other.Value);

    private void Add(RecordBatch batch, long last)
    {
        LastStamp = Math.Max(LastStamp, batch.LogTime);
        if (batch.LogTime <= last)
        {
            Wrong ??= $"stamp {batch.LogTime} comes behind {last}";
        }

        if (!_partitions.TryGetValue((batch.Topic, batch.Partition), out var records))
        {
            _partitions.Add((batch.Topic, batch.Partition), records = []);
        }

        foreach (var record in batch)
        {
            if (record.Offset != records.Count)
            {
                Wrong ??= $"'{batch.Topic}' {batch.Partition} goes on with offset {record.Offset}, not {records.Count}";
            }

            records.Add(new Stored(
                record.Offset, batch.LogTime, System.Text.Encoding.UTF8.GetString(record.Key), record.Value.ToArray()));
        }
    }
}
