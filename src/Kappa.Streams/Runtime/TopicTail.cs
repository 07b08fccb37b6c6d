using Kappa.Log;

namespace Kappa.Streams.Runtime;

/// <summary>
/// What was said last on a topic that only Kappa writes: its last record is the whole memory of its writer.
/// </summary>
internal static class TopicTail
{
    /// <summary>The id of the last record of a topic of one partition; <see cref="OutputId.None"/> for none.</summary>
    public static async ValueTask<OutputId> ReadAsync(ILog log, string topic, CancellationToken cancel)
    {
        var end = log.Topics.FirstOrDefault(one => one.Name == topic)?.EndOffsets[0] ?? 0;
        if (end == 0)
        {
            return OutputId.None;
        }

        var place = await log.FindAsync(topic, 0, end - 1, cancel);
        await using var sequence = log.Read([topic], place with { Index = place.Index - 1 });
        while (true)
        {
            if (!sequence.TryRead(out var batch))
            {
                await sequence.WaitAsync(cancel);
            }
            else if (batch.Topic == topic && batch.BaseOffset + batch.Count >= end && Find(batch, end - 1) is { } id)
            {
                return id;
            }
        }
    }

    private static OutputId? Find(RecordBatch batch, long offset)
    {
        foreach (var record in batch)
        {
            if (record.Offset == offset)
            {
                return OutputId.Of(batch.Topic, record);
            }
        }

        return null;
    }
}
