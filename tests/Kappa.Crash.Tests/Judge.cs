using System.Text;

namespace Kappa.Crash;

/// <summary>
/// Opens what a power loss left and compares it with what the world knows: nothing acknowledged or read is lost,
/// nothing is there twice, in another order or in part, and the log goes on.
/// </summary>
internal sealed class Judge(Ledger ledger, Plant plant)
{
    private readonly ManualTime _time = new();

    /// <summary>Judges one state, in which it also writes. Null: all is well.</summary>
    public async Task<Wrong?> TryAsync(Image image, FaultyFileSystem disk, Random random)
    {
        try
        {
            return await FindAsync(image, disk, random) is { } what ? new Wrong(what, IsRefused: false) : null;
        }
        catch (KappaException trouble)
        {
            // A loss of power leaves torn tails and no damage: what is refused as damaged is refused wrongly.
            return new Wrong($"{trouble.Kind}: {trouble.Message}", trouble.Kind == ErrorKind.Corrupt);
        }
    }

    private async Task<string?> FindAsync(Image image, FaultyFileSystem disk, Random random)
    {
        _time.SetWall(image.Wall + TimeSpan.FromSeconds(random.Next(-3_600, 7_200)));
        await using var log = await OpenAsync(disk);
        var found = await Contents.ReadAsync(log);
        var wrong = found.Wrong ?? Compare(found, image, image.Sent) ?? Shorter(log, found, image);
        if (wrong is not null)
        {
            return wrong;
        }

        if (random.Next(3) == 0)
        {
            // Nothing was written since: whoever has read must find the same again, whatever power takes.
            wrong = await AgainAsync(disk.Crash(random), found, "after a second power loss")
                ?? await AgainAsync(disk.CrashKeepingAll(), found, "after a second recovery");
            if (wrong is not null)
            {
                return wrong;
            }
        }

        return (random.Next(16) == 0 ? await SecondWriterAsync(disk) : null)
            ?? await GoOnAsync(log, found, image);
    }

    private async Task<EmbeddedLog> OpenAsync(FaultyFileSystem disk)
    {
        plant.BeforeOpening(disk);
        var options = Workload.OptionsFor(disk, _time, plant);
        var log = await EmbeddedLog.OpenAsync(options, CancellationToken.None);
        plant.AfterOpening(options.Files);
        return log;
    }

    private async Task<string?> SecondWriterAsync(FaultyFileSystem disk)
    {
        try
        {
            await using var second = await EmbeddedLog.OpenAsync(
                Workload.OptionsFor(disk, _time, plant), CancellationToken.None);
            return "a second writer was let in";
        }
        catch (KappaException refused) when (refused.Kind == ErrorKind.Conflict)
        {
            return null;
        }
    }

    private async Task<string?> AgainAsync(FaultyFileSystem disk, Contents before, string when)
    {
        await using var log = await OpenAsync(disk);
        var again = await Contents.ReadAsync(log);
        return again.Wrong ?? (again.BeginsWith(before) && before.BeginsWith(Users(again))
            ? null
            : $"what was read is not there {when}");
    }

    // The clock's own records may have become more.
    private static Contents Users(Contents contents) => contents.Without("_kappa.clock");

    private static string? Shorter(EmbeddedLog log, Contents found, Image image)
    {
        foreach (var ((topic, partition), end) in image.SeenEnds)
        {
            var have = found.Partitions.GetValueOrDefault((topic, partition))?.Count ?? 0;
            if (have < end)
            {
                return $"'{topic}' {partition} was readable up to offset {end} and ends at {have}";
            }
        }

        return log.CompleteTo < image.SeenTo ? "the log is complete to an earlier place than before" : null;
    }

    private string? Compare(Contents found, Image image, int sentMax, bool isRetried = false)
    {
        var places = new Dictionary<(int, int), (int Partition, long Offset, long Stamp)>();
        foreach (var ((topic, partition), records) in found.Partitions)
        {
            if (Platforms(topic))
            {
                continue;
            }

            foreach (var record in records)
            {
                if (Ledger.Parse(record.Value) is not { } known)
                {
                    return $"'{topic}' {partition} has at offset {record.Offset} what nobody sent";
                }

                if (known.Id < 0)
                {
                    continue;
                }

                if (known.Id >= sentMax || Difference(ledger[known.Id], known.Index, topic, record) is not null)
                {
                    return $"'{topic}' {partition} has at offset {record.Offset} other bytes than were sent";
                }

                if (!places.TryAdd(known, (partition, record.Offset, record.Stamp)))
                {
                    return $"record {known.Index} of request {known.Id} is there twice";
                }
            }
        }

        for (var id = 0; id < sentMax; id++)
        {
            var sent = ledger[id];
            var wrong = sent.AckedAt < image.Acks
                ? Acknowledged(sent, places)
                : Unknown(sent, places, isRetried && sent.Request.Producer is not null);
            if (wrong is not null)
            {
                return $"request {id}: {wrong}";
            }
        }

        return null;
    }

    private static bool Platforms(string topic) => topic.StartsWith('_');

    private static string? Difference(Sent sent, int index, string topic, in Stored record)
    {
        var request = sent.Request;
        if (index >= request.Records.Count || request.Topic != topic)
        {
            return "it belongs elsewhere";
        }

        var wanted = request.Records[index];
        return wanted.Value!.Value.Span.SequenceEqual(record.Value)
            && (wanted.Key is { } key ? Encoding.UTF8.GetString(key.Span) : "") == record.Key
            ? null
            : "its bytes differ";
    }

    private static string? Acknowledged(Sent sent, Dictionary<(int, int), (int Partition, long Offset, long Stamp)> at)
    {
        for (var i = 0; i < sent.Request.Records.Count; i++)
        {
            if (!at.TryGetValue((sent.Id, i), out var place))
            {
                return $"acknowledged record {i} is lost";
            }

            if (!sent.Result!.Batches.Any(batch => batch.Partition == place.Partition && batch.LogTime == place.Stamp
                && place.Offset >= batch.BaseOffset && place.Offset < batch.BaseOffset + batch.Count))
            {
                return $"acknowledged record {i} is at another place";
            }
        }

        return Order(sent, at);
    }

    // Of what was not acknowledged a front part may be there, batch by batch.
    private static string? Unknown(
        Sent sent, Dictionary<(int, int), (int Partition, long Offset, long Stamp)> at, bool mustBeWhole)
    {
        var there = Enumerable.Range(0, sent.Request.Records.Count)
            .Where(i => at.ContainsKey((sent.Id, i))).ToHashSet();
        if (there.Count < sent.Request.Records.Count)
        {
            if (mustBeWhole)
            {
                return "its retry was acknowledged and is not whole";
            }

            // All records of one key are of one partition: a later one is not there without the earlier.
            foreach (var key in sent.Request.Records.Select((record, i) => (Key: KeyOf(record), i)).GroupBy(x => x.Key))
            {
                var seen = key.Select(one => there.Contains(one.i)).ToList();
                if (seen.IndexOf(false) is >= 0 and var hole && seen.IndexOf(true, hole) >= 0)
                {
                    return "it has a hole";
                }

                if (seen.Contains(false) && seen.Contains(true)
                    && sent.Request.Records.Sum(record => record.Value!.Value.Length) < 4_096)
                {
                    return "half a batch of it is there";
                }
            }
        }

        return Order(sent, at);
    }

    private static string KeyOf(in NewRecord record) =>
        record.Key is { } key ? Encoding.UTF8.GetString(key.Span) : "";

    private static string? Order(Sent sent, Dictionary<(int, int), (int Partition, long Offset, long Stamp)> at)
    {
        var last = new Dictionary<int, long>();
        for (var i = 0; i < sent.Request.Records.Count; i++)
        {
            if (at.TryGetValue((sent.Id, i), out var place))
            {
                if (place.Offset <= last.GetValueOrDefault(place.Partition, -1))
                {
                    return $"record {i} stands before an earlier one";
                }

                last[place.Partition] = place.Offset;
            }
        }

        return null;
    }

    private async Task<string?> GoOnAsync(EmbeddedLog log, Contents found, Image image)
    {
        var highest = Math.Max(found.LastStamp, image.SeenTo);
        foreach (var (topic, partitions, acks) in ledger.Topics.ToArray())
        {
            if (acks < image.Acks && log.Topics.FirstOrDefault(one => one.Name == topic)?.Partitions != partitions)
            {
                return $"topic '{topic}' was created and is not there";
            }
        }

        foreach (var topic in log.Topics.Where(one => !one.IsPlatforms))
        {
            var next = await log.AppendAsync(
                new AppendRequest(topic.Name, [NewRecord.Of(null, "-1.0."u8.ToArray())]), CancellationToken.None);
            var batch = next.Batches[0];
            if (batch.BaseOffset != (found.Partitions.GetValueOrDefault((topic.Name, batch.Partition))?.Count ?? 0))
            {
                return $"a new record of '{topic.Name}' was put at offset {batch.BaseOffset}";
            }

            if (batch.LogTime <= highest)
            {
                return "a stamp was given that is not behind all before it";
            }
        }

        var wrong = await RepeatAsync(log, image);
        if (wrong is not null)
        {
            return wrong;
        }

        var last = await Contents.ReadAsync(log);
        return last.Wrong ?? (last.BeginsWith(found) ? null : "what was read has changed")
            ?? Compare(last, image, image.Sent, isRetried: true);
    }

    private async Task<string?> RepeatAsync(EmbeddedLog log, Image image)
    {
        var there = log.Topics.Select(topic => topic.Name).ToHashSet();
        var lastAcked = new Dictionary<string, Sent>(StringComparer.Ordinal);
        for (var id = 0; id < image.Sent; id++)
        {
            var sent = ledger[id];
            if (sent.Request.Producer is not { } producer || !there.Contains(sent.Request.Topic))
            {
                continue;
            }

            if (sent.AckedAt < image.Acks)
            {
                lastAcked[producer] = sent;
            }
            else
            {
                await log.AppendAsync(plant.Taken(sent.Request), CancellationToken.None);
            }
        }

        foreach (var sent in lastAcked.Values)
        {
            var again = await log.AppendAsync(plant.Taken(sent.Request), CancellationToken.None);
            if (!again.Repeated || !again.Batches.SequenceEqual(sent.Result!.Batches))
            {
                return $"request {sent.Id} was acknowledged, and its repetition is not known";
            }
        }

        return null;
    }
}

/// <summary>What is wrong in a state; refused: the log said it was damaged.</summary>
internal sealed record Wrong(string What, bool IsRefused);
