using System.Text;
using Xunit;

namespace Kappa.Log.Tests;

/// <summary>Short words for what most tests do with a log.</summary>
internal static class Logs
{
    public static async Task<EmbeddedLog> OpenAsync(string folder, Func<LogOptions, LogOptions>? change = null)
    {
        var options = new LogOptions { Folder = folder };
        return await EmbeddedLog.OpenAsync(change?.Invoke(options) ?? options, CancellationToken.None);
    }

    public static NewRecord Value(string value) => new(null, Encoding.UTF8.GetBytes(value));

    public static NewRecord Keyed(string key, string value) =>
        new(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value));

    public static ValueTask CreateAsync(this ILog log, string topic, int partitions = 1) =>
        log.ChangeAsync(new CreateTopic(topic, partitions), CancellationToken.None);

    public static ValueTask CompleteAsync(this ILog log, string topic) =>
        log.ChangeAsync(new CompleteTopic(topic), CancellationToken.None);

    public static ValueTask<Appended> AppendAsync(this ILog log, string topic, params string[] values) =>
        log.AppendAsync(new AppendRequest(topic, [.. values.Select(Value)]), CancellationToken.None);

    public static ValueTask<Appended> AppendNumberedAsync(
        this ILog log, string topic, string producer, long number, params NewRecord[] records) =>
        log.AppendAsync(new AppendRequest(topic, records, producer, number), CancellationToken.None);

    /// <summary>Closes a log whose disk refuses one kind of operation meanwhile.</summary>
    public static async Task DisposeWithAsync(this EmbeddedLog log, FaultyFileSystem disk, string failing)
    {
        disk.Fault = (what, path) => what == failing ? FaultyFileSystem.BrokenDisk(path) : null;
        await log.DisposeAsync();
        disk.Fault = null;
    }

    /// <summary>Everything that can be read now, as the batches come.</summary>
    public static async Task<List<RecordBatch>> ReadAsync(this ILog log, Place after, params string[] topics)
    {
        var batches = new List<RecordBatch>();
        await using var sequence = log.Read(topics, after);
        while (sequence.TryRead(out var batch))
        {
            batches.Add(batch);
        }

        return batches;
    }

    /// <summary>The values of one topic, in order of the sequence.</summary>
    public static async Task<List<string>> ValuesAsync(this ILog log, string topic)
    {
        var values = new List<string>();
        foreach (var batch in await log.ReadAsync(Place.Start, topic))
        {
            if (batch.Topic == topic)
            {
                foreach (var record in batch)
                {
                    values.Add(Encoding.UTF8.GetString(record.Value));
                }
            }
        }

        return values;
    }

    public static async Task<KappaException> RefusedAsync(ErrorKind kind, Func<Task> act)
    {
        var refused = await Assert.ThrowsAnyAsync<KappaException>(act);
        Assert.Equal(kind, refused.Kind);
        Assert.NotEmpty(refused.Next);
        return refused;
    }
}
