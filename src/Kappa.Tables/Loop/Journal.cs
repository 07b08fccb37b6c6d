using Kappa.Log;

namespace Kappa.Tables.Loop;

/// <summary>
/// The journal <c>_kappa.lifecycle</c> (rule V3): one partition, one writer. A record is appended only after the fold
/// of all before it says that it is legal; the record's offset is its request number (rule L8), so that two journals
/// over one log never both win.
/// </summary>
public sealed class Journal : IDisposable
{
    private const string Producer = "_kappa.lifecycle";

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly ILog _log;
    private long _nextOffset;
    private (JournalRecord Record, byte[] Bytes)? _undecided;
    private byte[] _last = [];
    private TaskCompletionSource _changed = New();
    private Catalog _catalog = Catalog.Empty;

    private Journal(ILog log) => _log = log;

    /// <summary>The fold of every record so far. Immutable: take it once per request (rule V7).</summary>
    public Catalog Catalog => Volatile.Read(ref _catalog);

    /// <summary>Reads the whole journal and folds it; creates the topic in a new log.</summary>
    /// <exception cref="KappaException">
    /// A record is unknown or contradicts the ones before; or the log could not read the journal to its end: what comes
    /// last in it decides.
    /// </exception>
    public static async ValueTask<Journal> OpenAsync(ILog log, CancellationToken cancel)
    {
        var journal = new Journal(log);
        if (journal.Topic() is null)
        {
            await log.ChangeAsync(new CreateTopic(Names.Lifecycle), cancel).ConfigureAwait(false);
        }

        if (journal.Topic()!.Stopped.TryGetValue(0, out var why))
        {
            throw new KappaException(
                why.Kind, $"The journal of versions and switches cannot be read to its end: {why.Message}", why.Next,
                why);
        }

        await journal.CatchUpAsync(cancel).ConfigureAwait(false);
        return journal;
    }

    /// <summary>
    /// Appends a record and returns its place when it is durable and part of <see cref="Catalog"/>. One at a time.
    /// </summary>
    /// <param name="record">The record.</param>
    /// <param name="cancel">
    /// Ends the waiting for one's turn; an append that has begun is never given up half-way.
    /// </param>
    /// <exception cref="KappaException">
    /// Conflict or Invalid: the record is not legal now and nothing was appended. Unavailable: the log failed, and the
    /// record may or may not be in it; the next append finds out first.
    /// </exception>
    public async ValueTask<Place> AppendAsync(JournalRecord record, CancellationToken cancel)
    {
        var bytes = JournalCodec.Encode(record);
        await _turn.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            var settled = await SettleAloneAsync().ConfigureAwait(false);
            return settled is not null && settled.AsSpan().SequenceEqual(bytes)
                ? Catalog.Place
                : await AppendAloneAsync(record, bytes).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>
    /// Finds out what became of an append that failed, so that <see cref="Catalog"/> is the truth. Cheap when none did.
    /// </summary>
    /// <exception cref="KappaException">Unavailable: the log still fails.</exception>
    public async ValueTask SettleAsync(CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            await SettleAloneAsync().ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Waits until the catalog is another than a known one and returns it.</summary>
    public async ValueTask<Catalog> ChangedAsync(Catalog known, CancellationToken cancel)
    {
        while (true)
        {
            var changed = Volatile.Read(ref _changed).Task;
            if (!ReferenceEquals(Catalog, known))
            {
                return Catalog;
            }

            await changed.WaitAsync(cancel).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private async ValueTask<Place> AppendAloneAsync(JournalRecord record, byte[] bytes)
    {
        // The place is not known before the append; no rule depends on it beyond being the next.
        _ = Catalog.Apply(record, new Place(Catalog.Place.LogTime + 1, 1));
        _undecided = (record, bytes);
        var request = new AppendRequest(Names.Lifecycle, [new NewRecord(null, bytes)], Producer, _nextOffset);
        var appended = await _log.AppendAsync(request, CancellationToken.None).ConfigureAwait(false);
        var place = new Place(appended.Batches[0].LogTime, 1);
        Publish(Catalog.Apply(record, place), bytes);
        return place;
    }

    /// <summary>
    /// After a failed append: reads what the log took after all. If it took nothing, the request may still lie half
    /// written under this number (rule L8), so it is completed before any other. Returns it, if it is the last one now.
    /// </summary>
    private async ValueTask<byte[]?> SettleAloneAsync()
    {
        if (_undecided is not { } old)
        {
            return null;
        }

        var before = _nextOffset;
        await CatchUpAsync(CancellationToken.None).ConfigureAwait(false);
        if (_nextOffset == before)
        {
            await AppendAloneAsync(old.Record, old.Bytes).ConfigureAwait(false);
        }

        return _last.AsSpan().SequenceEqual(old.Bytes) ? old.Bytes : null;
    }

    private async ValueTask CatchUpAsync(CancellationToken cancel)
    {
        var end = Topic()?.EndOffsets[0] ?? 0;
        if (_nextOffset >= end)
        {
            return;
        }

        var sequence = _log.Read([Names.Lifecycle], Catalog.Place);
        await using var disposed = sequence.ConfigureAwait(false);
        while (_nextOffset < end)
        {
            if (!sequence.TryRead(out var batch))
            {
                await sequence.WaitAsync(cancel).ConfigureAwait(false);
            }
            else if (batch.Topic == Names.Lifecycle)
            {
                Fold(batch);
            }
        }
    }

    private void Fold(RecordBatch batch)
    {
        foreach (var record in batch)
        {
            if (record.Offset < _nextOffset)
            {
                continue;
            }

            if (record.Offset > _nextOffset)
            {
                throw new KappaException(
                    ErrorKind.Corrupt, $"The journal lacks its records {_nextOffset} to {record.Offset - 1}.",
                    "Restore the log from its archive: the journal must be whole.");
            }

            Publish(Catalog.Apply(JournalCodec.Decode(record.Value), record.Place), record.Value.ToArray());
        }
    }

    private void Publish(Catalog next, byte[] bytes)
    {
        _undecided = null;
        _last = bytes;
        _nextOffset++;
        Volatile.Write(ref _catalog, next);
        Interlocked.Exchange(ref _changed, New()).SetResult();
    }

    private Topic? Topic() => _log.Topics.FirstOrDefault(t => t.Name == Names.Lifecycle);

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
