namespace Kappa.Log;

/// <summary>
/// What happens on opening (rule L7): the last segment of every partition is verified as a whole, every tail that is
/// kept is synced before anybody reads it, an unacknowledged torn tail is cut, and damage before the last durable point
/// stops its partition. Doing it twice gives the same bytes.
/// </summary>
internal static class Recovery
{
    /// <summary>What was found: the last stamp ever given that can be known, and the producers.</summary>
    public sealed record Found(long LastStamp, Producers Producers);

    public static Found Of(LogOptions options, TopicTable topics)
    {
        var ends = DurableEnds.Read(options.Files, options.Folder, topics.Id);
        var tails = topics.All
            .SelectMany(topic => topic.Partitions)
            .Select(partition => PartitionTail.Read(
                partition, topics.Id, topics.StartOf(partition.TopicId, partition.Number), ends, options.Files))
            .ToList();
        var durableTo = Math.Max(ends.LastStamp, tails.Select(tail => tail.DurableTo).DefaultIfEmpty().Max());
        foreach (var tail in tails)
        {
            tail.Settle(durableTo, options.Files);
        }

        var lastStamp = Math.Max(durableTo, tails.Select(tail => tail.LastStamp).DefaultIfEmpty().Max());
        var producers = new Producers(options);
        ProducerScan.Run(tails.Select(tail => tail.Partition), lastStamp, topics.Id, options, producers);
        foreach (var asked in topics.Asked)
        {
            topics[asked.Name].IsComplete =
                CompletionSearch.IsIn(topics[Names.Clock].Partitions[0], asked.Name, options.Files);
        }

        return new Found(lastStamp, producers);
    }
}
