using System.Text;
using Kappa.Log;
using Xunit;

namespace Kappa.Streams.Tests.Seams;

/// <summary>The log of these tests keeps the promises of the seam (rules L3 and L4).</summary>
public sealed class KafkaLikeLogTests
{
    [Fact]
    public async Task Its_sequence_is_cut_after_cut_and_inside_by_topic_partition_and_offset_L4()
    {
        await using var log = new KafkaLikeLog(batchRecordsMax: 3);
        await log.ChangeAsync(new CreateTopic("b", 2), CancellationToken.None);
        await log.ChangeAsync(new CreateTopic("a", 1), CancellationToken.None);
        Produce(log, "b", 1, 10, "1");
        Produce(log, "b", 0, 30, "2");
        Produce(log, "b", 0, 20, "3");
        Produce(log, "a", 0, 5, "4");
        log.CutNow();
        Produce(log, "a", 0, 1, "5");
        log.Produce("a", 0, 2, Of("6"), gapBefore: 5);
        log.AddPartition("b");
        Produce(log, "b", 2, 3, "7");
        log.CutNow();

        var batches = Read(log, Place.Start);

        Assert.Equal(["a 0 0: 4", "b 0 0: 2 3", "b 1 0: 1", "a 0 1: 5", "a 0 7: 6", "b 2 0: 7"], batches.Select(Text));
        Assert.Equal(batches.Select(batch => batch.LogTime), batches.Select(batch => batch.LogTime).Distinct().Order());
        Assert.Equal(batches.Skip(3).Select(Text), Read(log, batches[2].LastPlace).Select(Text));
        Assert.True(log.Read([], Place.Start).CompleteTo >= batches[^1].LastPlace);
    }

    [Fact]
    public async Task History_is_cut_by_record_time_so_that_partitions_advance_together()
    {
        await using var log = new KafkaLikeLog();
        await log.ChangeAsync(new CreateTopic("t", 2), CancellationToken.None);
        foreach (var (partition, time) in new[] { (0, 0), (0, 15), (0, 5), (0, 25), (1, 1), (1, 12), (1, 29) })
        {
            Produce(log, "t", partition, time, time.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        log.CutHistory(new TimeSpan(10));

        Assert.Equal(3, log.Cuts);
        Assert.Equal(
            ["t 0 0: 0", "t 1 0: 1", "t 0 1: 15 5", "t 1 1: 12", "t 0 3: 25", "t 1 2: 29"],
            Read(log, Place.Start).Select(Text));
    }

    private static NewRecord Of(string value) => new(null, Encoding.UTF8.GetBytes(value));

    private static void Produce(KafkaLikeLog log, string topic, int partition, long time, string value) =>
        log.Produce(topic, partition, time, Of(value));

    private static List<RecordBatch> Read(KafkaLikeLog log, Place after)
    {
        var read = new List<RecordBatch>();
        var sequence = log.Read([.. log.Topics.Select(topic => topic.Name)], after);
        while (sequence.TryRead(out var batch))
        {
            read.Add(batch);
        }

        return read;
    }

    private static string Text(RecordBatch batch)
    {
        var values = new List<string>();
        foreach (var record in batch)
        {
            values.Add(Encoding.UTF8.GetString(record.Value));
        }

        return $"{batch.Topic} {batch.Partition} {batch.BaseOffset}: {string.Join(' ', values)}";
    }
}
