using System.Text;
using Kappa.Log;
using Kappa.Tables;
using Kappa.Tables.Loop;

namespace Kappa.Streams.Runtime;

/// <summary>
/// Copies what the owner of an output says into the public topic (rule E3): <c>alerts@2</c> is what version 2 says,
/// <c>alerts</c> is what was said to the world. The owner is the live version; it speaks for what lies behind the place
/// where it took over, and its records go out when its tables are committed. The first one speaks for everything from
/// the start of the log where it was told to publish its history. The last record of the public topic is the relay's
/// only memory, so no crash makes it say anything twice or leave anything out.
/// </summary>
internal sealed class Relay(ILog log, Journal journal, string job, string topic, Func<JobVersion, Frontier> frontiers)
{
    private const int RecordsMax = 1_000;
    private const int BytesMax = 1 << 20;
    private const string VersionHeader = "kappa-version";
    private readonly Frontier _reached = new();

    /// <summary>Everything the owners had to say up to here is in the public topic.</summary>
    public Place Reached => _reached.Place;

    /// <summary>Waits until everything up to a place is in the public topic.</summary>
    public Task ReachedAsync(Place place, CancellationToken cancel) =>
        _reached.RisenAsync(place with { Index = place.Index - 1 }, cancel);

    /// <summary>Copies until cancelled, or until the log fails; then another call goes on.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        await log.ChangeAsync(new CreateTopic(topic), cancel);
        var said = await TopicTail.ReadAsync(log, topic, cancel);
        _reached.RaiseTo(said.Place with { Index = said.Place.Index - 1 });
        for (var owner = 0; ; owner++)
        {
            var catalog = journal.Catalog;
            while (catalog.Owners(job).Count <= owner)
            {
                catalog = await journal.ChangedAsync(catalog, cancel);
            }

            said = await CopyAsync(owner, said, cancel);
        }
    }

    /// <summary>Copies what one owner says, until it has handed over.</summary>
    private async Task<OutputId> CopyAsync(int owner, OutputId said, CancellationToken cancel)
    {
        DerivedReader? reader = null;
        try
        {
            while (true)
            {
                var catalog = journal.Catalog;
                var ownership = catalog.Owners(job)[owner];
                if (ownership.UpTo < said.Place || TopicOf(catalog, ownership) is not { } derived)
                {
                    // All of it is said, or it has nothing to say.
                    if (ownership.UpTo is { } over)
                    {
                        // Where a later owner says its history, what lies before it is not said yet.
                        if (!catalog.Owners(job).Skip(owner + 1).Any(HasHistory))
                        {
                            _reached.RaiseTo(over);
                        }

                        return said;
                    }

                    await journal.ChangedAsync(catalog, cancel);
                    continue;
                }

                var limit = LimitOf(catalog, ownership);
                if (reader is null && log.Topics.Any(one => one.Name == derived))
                {
                    var from = new OutputId(HasHistory(ownership) ? Place.Start : ownership.After, int.MaxValue);
                    reader = new DerivedReader(log, derived, said > from ? said : from);
                }

                said = reader is null ? said : await CopyAsync(reader, ownership.Version, limit, said, cancel);
                _reached.RaiseTo(limit);
                if (ownership.UpTo is { } end && limit >= end)
                {
                    return said;
                }

                await MovedAsync(catalog, ownership.Version, limit, cancel);
            }
        }
        finally
        {
            if (reader is not null)
            {
                await reader.DisposeAsync();
            }
        }
    }

    private bool HasHistory(Ownership owner) => owner.History.Contains(topic);

    private async Task<OutputId> CopyAsync(
        DerivedReader reader, JobVersion version, Place limit, OutputId said, CancellationToken cancel)
    {
        var by = Encoding.UTF8.GetBytes(version.ToString());
        var records = new List<NewRecord>();
        var bytes = 0;
        while (reader.TryPeek(out var batch, out var next) && next.Id.Place <= limit)
        {
            var encoded = batch.EncodedRecords[next.Start..next.End];
            records.Add(Copy(encoded, by));
            bytes += encoded.Length;
            said = next.Id;
            reader.Take();
            if (records.Count == RecordsMax || bytes >= BytesMax)
            {
                // History can be long: how far it is can be seen, and a stop waits for one request alone.
                await AppendAsync(records);
                _reached.RaiseTo(said.Place with { Index = said.Place.Index - 1 });
                cancel.ThrowIfCancellationRequested();
                records = [];
                bytes = 0;
            }
        }

        if (records.Count > 0)
        {
            await AppendAsync(records);
        }

        return said;
    }

    private static NewRecord Copy(ReadOnlyMemory<byte> encoded, byte[] version)
    {
        var records = new RecordBatch("", 0, 0, 0, 1, encoded).GetEnumerator();
        records.MoveNext();
        var record = records.Current;
        return NewRecord.Of(
            record.HasKey ? record.Key.ToArray() : null,
            record.HasValue ? record.Value.ToArray() : null,
            [.. record.ReadHeaders().Select(header =>
                new KeyValuePair<string, ReadOnlyMemory<byte>>(header.Key, header.Value)),
                    new(VersionHeader, version)]);
    }

    // Never given up half-way: the next run must see what became of it.
    private async ValueTask AppendAsync(List<NewRecord> records) =>
        await log.AppendAsync(new AppendRequest(topic, records), CancellationToken.None);

    /// <summary>The owner's derived topic; null where it has no such output, or was dropped.</summary>
    private string? TopicOf(Catalog catalog, Ownership ownership) =>
        catalog.Find(ownership.Version) is { State: not VersionState.Dropped } owner
            ? owner.Made.Outputs.FirstOrDefault(output => output.Topic == topic)?.DerivedBy(ownership.Version)
            : null;

    /// <summary>How far the owner's records may go out: what it has committed, and no further than it owns.</summary>
    private Place LimitOf(Catalog catalog, Ownership ownership)
    {
        var owner = catalog.Find(ownership.Version)!;
        var end = ownership.UpTo ?? Place.EndOf(long.MaxValue);
        var committed = owner.Runs ? frontiers(ownership.Version).Place : owner.StoppedAt ?? end;
        return committed < end ? committed : end;
    }

    private async Task MovedAsync(Catalog catalog, JobVersion version, Place limit, CancellationToken cancel)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var changed = journal.ChangedAsync(catalog, either.Token).AsTask();
        var risen = frontiers(version).RisenAsync(limit, either.Token);
        await Task.WhenAny(changed, risen);
        await either.CancelAsync();
        await Task.WhenAll(changed, risen).ContinueWith(_ => { }, TaskScheduler.Default);
        cancel.ThrowIfCancellationRequested();
    }
}
