using System.Text;
using System.Threading.Channels;
using Kappa.Log;

namespace Kappa.Server.Subscriptions;

/// <summary>How far a subscription is.</summary>
/// <param name="After">Everything up to here is delivered or given up.</param>
/// <param name="Waiting">Records read and not settled.</param>
/// <param name="Failing">Those of them that failed at least once.</param>
/// <param name="Delivered">Since the start of this process.</param>
/// <param name="GivenUp">Since the start of this process.</param>
/// <param name="Error">What the last failed attempt came to, while any record fails; else null.</param>
internal sealed record PushState(
    Place After, int Waiting, int Failing, long Delivered, long GivenUp, string? Error);

/// <summary>
/// Posts the records of one subscription (rule E3): at least once, in order for each key, each failure tried again
/// after a growing wait, given up after a set time. One that is slow or fails holds nobody but the records behind it of
/// the same key. One loop owns everything here; deliveries run beside it and come back through a channel.
/// </summary>
internal sealed class PushRun(
    Subscription subscription, ILog log, SubscriptionFiles files, PushClient client, PlatformOptions platform)
{
    private const int WaitingMax = 1_000;
    private const int WindowMax = 10_000;
    private readonly PushOptions _options = platform.Push;
    private readonly TimeProvider _time = platform.Time;
    private readonly Random _chance = new(platform.Push.Seed ^ Mixed(subscription.Name));
    private readonly Queue<PushRecord> _window = new();
    private readonly Dictionary<string, Queue<PushRecord>> _queues = new(StringComparer.Ordinal);
    private readonly HashSet<Task> _tasks = [];
    private readonly Channel<PushRecord> _finished = Channel.CreateUnbounded<PushRecord>();
    private PushPosition _begun = PushPosition.At(Place.Start);
    private Place _after;
    private Place _read;
    private int _waiting;
    private int _underWay;
    private long _delivered;
    private long _givenUp;
    private string? _error;
    private bool _isSaved = true;
    private DateTimeOffset _savedAt;
    private volatile PushState _state = new(Place.Start, 0, 0, 0, 0, null);

    public PushState State => _state;

    /// <summary>Delivers until cancelled; then it waits for what is under way and notes how far it is.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        if (subscription.Missing is { Count: > 0 } missing)
        {
            var error = $"The values of its headers {string.Join(", ", missing)} were not in the backup it came from.";
            _state = _state with { Error = error };
            throw new KappaException(
                ErrorKind.Unavailable, error,
                "Add the subscription again, with these headers; it goes on where it was.");
        }

        _begun = files.ReadPosition(subscription.Name) ?? PushPosition.At(Place.Start);
        _after = _read = _begun.After;
        await using var sequence = log.Read([subscription.Topic], _after);
        Task? more = null;
        try
        {
            while (true)
            {
                cancel.ThrowIfCancellationRequested();
                if (more is null or { IsCompleted: true })
                {
                    await (more ?? Task.CompletedTask);
                    more = Fill(sequence) ? null : sequence.WaitAsync(cancel).AsTask();
                }

                Start(cancel);
                SaveIfDue();
                Show();
                await WaitAsync(more, cancel);
                while (_finished.Reader.TryRead(out var record))
                {
                    await FinishAsync(record);
                }
            }
        }
        finally
        {
            await Task.WhenAll(_tasks);
            await (more ?? Task.CompletedTask).ContinueWith(_ => { }, TaskScheduler.Default);
            while (_finished.Reader.TryRead(out var record))
            {
                TakeDelivered(record);
            }

            Save();
        }
    }

    /// <summary>Reads as much as may wait; false where there is nothing more to read now.</summary>
    private bool Fill(ISequence sequence)
    {
        while (_waiting < WaitingMax && _window.Count < WindowMax)
        {
            if (!sequence.TryRead(out var batch))
            {
                return false;
            }

            if (batch.Topic == subscription.Topic)
            {
                Add(batch);
            }
        }

        return true;
    }

    private void Add(RecordBatch batch)
    {
        var now = _time.GetUtcNow();
        foreach (var record in batch)
        {
            if (record.Place <= _begun.After)
            {
                continue;
            }

            _read = record.Place;
            if (record.IsErased || !IsSaidBy(record) || _begun.Done.Contains(record.Place))
            {
                continue;
            }

            var hasFailed = _begun.Trying.TryGetValue(record.Place, out var since);
            var push = PushRecord.Of(batch, record, hasFailed ? since : now);
            push.HasFailed = hasFailed;
            _window.Enqueue(push);
            _waiting++;
            if (!_queues.TryGetValue(push.Queue, out var queue))
            {
                _queues.Add(push.Queue, queue = new Queue<PushRecord>());
            }

            queue.Enqueue(push);
        }

        Advance();
    }

    private bool IsSaidBy(in Record record) => subscription.SaidBy is not { } versions
        || (record.TryGetHeader("kappa-version"u8, out var version)
            && versions.Contains(Encoding.UTF8.GetString(version)));

    private void Start(CancellationToken cancel)
    {
        _tasks.RemoveWhere(task => task.IsCompleted);
        var now = _time.GetUtcNow();
        foreach (var queue in _queues.Values)
        {
            if (_underWay >= _options.Concurrency)
            {
                return;
            }

            var head = queue.Peek();
            if (!head.IsUnderWay && head.NotBefore <= now)
            {
                head.IsUnderWay = true;
                _underWay++;
                _tasks.Add(SendAsync(head, cancel));
            }
        }
    }

    private async Task SendAsync(PushRecord record, CancellationToken cancel)
    {
        await Task.Yield();
        try
        {
            record.Outcome = await client.SendAsync(subscription, record, cancel);
        }
        catch (OperationCanceledException)
        {
            // Stopping is no failure: nobody can tell whether it was taken, so it is sent again.
            return;
        }
        catch (Exception unsendable)
        {
            // The boundary of a record: what cannot even be sent ends as a dead letter, with the reason.
            record.Outcome = new PushOutcome($"{unsendable.GetType().Name}: {unsendable.Message}");
        }

        _finished.Writer.TryWrite(record);
    }

    private async ValueTask FinishAsync(PushRecord record)
    {
        _underWay--;
        if (TakeDelivered(record))
        {
            return;
        }

        var now = _time.GetUtcNow();
        record.IsUnderWay = false;
        record.Attempts++;
        _error = record.Outcome.Error;
        _isSaved &= record.HasFailed;
        record.HasFailed = true;
        var giveUpAfter = subscription.GiveUpAfterSeconds is { } seconds
            ? TimeSpan.FromSeconds(seconds) : _options.GiveUpAfter;
        if (now - record.Since >= giveUpAfter)
        {
            await GiveUpAsync(record);
            _givenUp++;
            Settle(record);
            return;
        }

        var wait = Backoff(record.Attempts);
        record.NotBefore = now + (wait > record.Outcome.RetryAfter ? wait : record.Outcome.RetryAfter);
    }

    private bool TakeDelivered(PushRecord record)
    {
        if (record.Outcome.Error is not null)
        {
            return false;
        }

        _delivered++;
        Settle(record);
        return true;
    }

    private void Settle(PushRecord record)
    {
        record.Settle();
        _waiting--;
        _isSaved = false;
        var queue = _queues[record.Queue];
        queue.Dequeue();
        if (queue.Count == 0)
        {
            _queues.Remove(record.Queue);
        }

        Advance();
    }

    private void Advance()
    {
        while (_window.TryPeek(out var first) && first.IsSettled)
        {
            _after = _window.Dequeue().Place;
        }

        if (_window.Count == 0)
        {
            _after = _read;
        }
    }

    /// <summary>Half of the wait is chance, so that many who fail together do not come back together.</summary>
    private TimeSpan Backoff(int attempts)
    {
        var whole = _options.RetryAfter.TotalSeconds * Math.Pow(2, Math.Min(attempts - 1, 30));
        return TimeSpan.FromSeconds(
            Math.Min(whole, _options.RetryMax.TotalSeconds) * (0.5 + (_chance.NextDouble() / 2)));
    }

    private async ValueTask GiveUpAsync(PushRecord record)
    {
        if (log.Topics.All(topic => topic.Name != subscription.DeadTopic))
        {
            await log.ChangeAsync(new CreateTopic(subscription.DeadTopic), CancellationToken.None);
        }

        KeyValuePair<string, ReadOnlyMemory<byte>>[] headers =
        [
            new("kappa-id", Encoding.UTF8.GetBytes(record.Id)),
            new("kappa-error", Encoding.UTF8.GetBytes(record.Outcome.Error!)),
            new("kappa-attempts", Encoding.UTF8.GetBytes(FormattableString.Invariant($"{record.Attempts}"))),
            new("kappa-place", Encoding.UTF8.GetBytes(record.Place.ToString())),
        ];
        await log.AppendAsync(
            new AppendRequest(subscription.DeadTopic, [NewRecord.Of(record.Key, record.Value, headers)]),
            CancellationToken.None);
        platform.Report(
            $"Subscription '{subscription.Name}' gave up record {record.Id} after {record.Attempts} attempts: "
            + $"{record.Outcome.Error} It is in topic '{subscription.DeadTopic}'.");
    }

    private async Task WaitAsync(Task? more, CancellationToken cancel)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var waits = new List<Task> { _finished.Reader.WaitToReadAsync(either.Token).AsTask() };
        if (more is not null)
        {
            waits.Add(more);
        }

        if (NextMoment() is { } wait)
        {
            waits.Add(Task.Delay(wait, _time, either.Token));
        }

        await Task.WhenAny(waits);
        await either.CancelAsync();
    }

    /// <summary>How long until something is due by the clock; null: nothing is.</summary>
    private TimeSpan? NextMoment()
    {
        DateTimeOffset? next = _isSaved ? null : _savedAt + _options.SaveEvery;
        foreach (var queue in _queues.Values)
        {
            var head = queue.Peek();
            if (!head.IsUnderWay && _underWay < _options.Concurrency && (next is null || head.NotBefore < next))
            {
                next = head.NotBefore;
            }
        }

        var wait = next - _time.GetUtcNow();
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private void SaveIfDue()
    {
        if (!_isSaved && (_waiting == 0 || _time.GetUtcNow() - _savedAt >= _options.SaveEvery))
        {
            Save();
        }
    }

    private void Save()
    {
        _savedAt = _time.GetUtcNow();
        if (_isSaved)
        {
            return;
        }

        try
        {
            files.WritePosition(subscription.Name, new PushPosition(
                _after,
                [.. _window.Where(record => record.IsSettled).Select(record => record.Place)],
                _window.Where(record => !record.IsSettled && record.HasFailed)
                    .ToDictionary(record => record.Place, record => record.Since)));
            _isSaved = true;
        }
        catch (KappaException trouble)
        {
            // Deliveries go on: what is not noted is delivered again after a crash, which is allowed.
            platform.Report(
                $"The position of subscription '{subscription.Name}' could not be written: {trouble.Message} "
                + trouble.Next);
        }
    }

    private void Show()
    {
        var failing = _window.Count(record => !record.IsSettled && record.HasFailed);
        _error = failing == 0 ? null : _error;
        _state = new PushState(_after, _waiting, failing, _delivered, _givenUp, _error);
    }

    /// <summary>FNV-1a: the same in every process.</summary>
    private static int Mixed(string name)
    {
        var hash = 2166136261u;
        foreach (var c in name)
        {
            hash = unchecked((hash ^ c) * 16777619u);
        }

        return unchecked((int)hash);
    }
}
