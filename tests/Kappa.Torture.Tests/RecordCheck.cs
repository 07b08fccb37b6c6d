namespace Kappa.Torture;

/// <summary>A record as a producer sent it. Its text is unique: it carries its line's number.</summary>
internal sealed record SentRecord(string Producer, long Request, string Key, string Text);

/// <summary>A record as the topic was read back.</summary>
internal sealed record ReadRecord(int Partition, long Offset, string? Key, string Text);

/// <summary>
/// Compares a topic with what was sent: every acknowledged record once, each producer's in the order sent within a
/// partition, a key in one partition, nothing that was not sent, and offsets without a gap.
/// </summary>
internal static class RecordCheck
{
    /// <param name="sent">What each producer sent, in its order.</param>
    /// <param name="isAcknowledged">Was this request of this producer acknowledged?</param>
    /// <param name="read">The topic in the order it was read.</param>
    /// <param name="findings">Where faults go.</param>
    public static void Compare(
        IReadOnlyList<SentRecord> sent, Func<string, long, bool> isAcknowledged, IReadOnlyList<ReadRecord> read,
        Findings findings)
    {
        var positions = new Dictionary<string, int>(sent.Count, StringComparer.Ordinal);
        for (var i = 0; i < sent.Count; i++)
        {
            positions.Add(sent[i].Text, i);
        }

        var seen = new int[sent.Count];
        var latest = new Dictionary<(int Partition, string Producer), int>();
        var homes = new Dictionary<string, int>(StringComparer.Ordinal);
        var offsets = new Dictionary<int, long>();
        foreach (var record in read)
        {
            var at = $"partition {record.Partition} offset {record.Offset}";
            var expected = offsets.GetValueOrDefault(record.Partition);
            if (record.Offset != expected)
            {
                findings.Add(Fault.Lost, $"{at} comes where offset {expected} was to be.");
            }

            offsets[record.Partition] = record.Offset + 1;
            if (!positions.TryGetValue(record.Text, out var position) || sent[position].Key != record.Key)
            {
                findings.Add(Fault.Duplicated, $"{at} was never sent: key {record.Key}, {record.Text}");
                continue;
            }

            if (++seen[position] > 1)
            {
                findings.Add(Fault.Duplicated, $"{at} is there {seen[position]} times: {record.Text}");
                continue;
            }

            Order(record, position, sent[position], latest, homes, findings);
        }

        for (var i = 0; i < sent.Count; i++)
        {
            if (seen[i] == 0 && isAcknowledged(sent[i].Producer, sent[i].Request))
            {
                findings.Add(Fault.Lost, $"{sent[i].Producer}:{sent[i].Request} was acknowledged: {sent[i].Text}");
            }
        }
    }

    private static void Order(
        ReadRecord record, int position, SentRecord sent, Dictionary<(int, string), int> latest,
        Dictionary<string, int> homes, Findings findings)
    {
        var line = (record.Partition, sent.Producer);
        if (latest.TryGetValue(line, out var before) && before > position)
        {
            findings.Add(
                Fault.Reordered,
                $"partition {record.Partition} offset {record.Offset} was sent before the one ahead of it.");
        }

        latest[line] = Math.Max(before, position);
        if (!homes.TryAdd(sent.Key, record.Partition) && homes[sent.Key] != record.Partition)
        {
            findings.Add(
                Fault.Reordered, $"key {sent.Key} is in partitions {homes[sent.Key]} and {record.Partition}.");
        }
    }
}
