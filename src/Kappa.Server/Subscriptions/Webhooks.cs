using System.Collections.Concurrent;
using Kappa.Log;
using Kappa.Tables.Loop;

namespace Kappa.Server.Subscriptions;

/// <summary>
/// All subscriptions: those operators asked for, and the webhooks jobs declare. Each runs by itself, so a slow or
/// broken address slows nobody else.
/// </summary>
internal sealed class Webhooks : IAsyncDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryMax = TimeSpan.FromMinutes(1);
    private readonly ILog _log;
    private readonly Journal _journal;
    private readonly PlatformOptions _options;
    private readonly SubscriptionFiles _files;
    private readonly PushClient _client;
    private readonly Dictionary<string, Subscription> _asked;
    private readonly ConcurrentDictionary<string, Running> _running = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private Task _following = Task.CompletedTask;

    private Webhooks(ILog log, Journal journal, DataFolder folder, PlatformOptions options)
    {
        _log = log;
        _journal = journal;
        _options = options;
        _files = new SubscriptionFiles(folder, log.Id);
        _client = new PushClient(options.Push, options.Time);
        _asked = _files.ReadAll().ToDictionary(subscription => subscription.Name, StringComparer.Ordinal);
    }

    /// <summary>Every subscription and how far it is, in order of name.</summary>
    public IReadOnlyList<(Subscription Subscription, PushState State)> All =>
        [.. _running.Values.OrderBy(one => one.Subscription.Name, StringComparer.Ordinal)
            .Select(one => (one.Subscription, one.State))];

    /// <summary>Starts all there are.</summary>
    public static async Task<Webhooks> OpenAsync(
        ILog log, Journal journal, DataFolder folder, PlatformOptions options, CancellationToken cancel)
    {
        var webhooks = new Webhooks(log, journal, folder, options);
        foreach (var topic in webhooks._asked.Values.Select(one => one.Topic).Except(log.Topics.Select(one => one.Name))
            .ToList())
        {
            // A crash came between the end of the topic and theirs.
            await webhooks.EndAsync(topic);
        }

        await webhooks.ReconcileAsync(cancel);
        webhooks._following = webhooks.FollowAsync();
        return webhooks;
    }

    /// <summary>Makes a subscription, or changes it; then it goes on from where it was.</summary>
    /// <param name="subscription">What is asked for.</param>
    /// <param name="after">Where it begins; null: where it was, and a new one at the end of the log.</param>
    /// <param name="cancel">Gives up waiting.</param>
    /// <exception cref="KappaException">It is wrong, there is no such topic, or a job has one of this name.</exception>
    public async Task PutAsync(Subscription subscription, Place? after, CancellationToken cancel)
    {
        subscription.Check();
        await _turn.WaitAsync(cancel);
        try
        {
            RefuseJobs(subscription.Name);
            if (_log.Topics.All(topic => topic.Name != subscription.Topic))
            {
                throw new KappaException(
                    ErrorKind.NotFound, $"There is no topic '{subscription.Topic}'.", "Name one of 'kappa topics'.");
            }

            await StopAsync(subscription.Name);
            if (after is not null || !_asked.TryGetValue(subscription.Name, out var before) || before.Ended)
            {
                // The position first: a crash in between leaves a position that nobody looks at.
                _files.WritePosition(subscription.Name, PushPosition.At(after ?? await EndAsync()));
            }

            _files.Write(subscription);
            _asked[subscription.Name] = subscription;
        }
        finally
        {
            await ReconcileAloneAsync(cancel);
            _turn.Release();
        }
    }

    /// <summary>Ends a subscription an operator made.</summary>
    /// <exception cref="KappaException">There is none, or it is a job's.</exception>
    public async Task DeleteAsync(string name, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            RefuseJobs(name);
            if (!_asked.ContainsKey(name))
            {
                throw new KappaException(
                    ErrorKind.NotFound, $"There is no subscription '{name}'.", "See 'kappa subscriptions'.");
            }

            await StopAsync(name);
            _files.Delete(name);
            _asked.Remove(name);
        }
        finally
        {
            await ReconcileAloneAsync(cancel);
            _turn.Release();
        }
    }

    /// <summary>
    /// A topic was deleted: its subscriptions end for good. They are listed and say so until they are removed or added
    /// again.
    /// </summary>
    public async Task EndAsync(string topic)
    {
        await _turn.WaitAsync(CancellationToken.None);
        try
        {
            foreach (var one in _asked.Values.Where(one => one.Topic == topic && !one.Ended).ToList())
            {
                await StopAsync(one.Name);
                var ended = _asked[one.Name] = one with { Ended = true };
                try
                {
                    _files.Write(ended);
                }
                catch (KappaException trouble)
                {
                    // It has ended all the same; the next start finds no topic, and tries to write it again.
                    _options.Report($"The end of subscription '{one.Name}' could not be written: {trouble.Message}");
                }
            }
        }
        finally
        {
            await ReconcileAloneAsync(CancellationToken.None);
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _following;
        foreach (var name in _running.Keys)
        {
            await StopAsync(name);
        }

        _client.Dispose();
        _turn.Dispose();
        _stop.Dispose();
    }

    /// <summary>
    /// The webhooks of jobs: each output for which an owner declares one, at the address of the last that does. What
    /// versions said that declare none is not posted.
    /// </summary>
    private static IEnumerable<Subscription> OfJobs(Catalog catalog)
    {
        foreach (var job in catalog.Jobs)
        {
            var declared = catalog.Owners(job).Select(owner => catalog.Find(owner.Version)!.Made)
                .SelectMany(made => made.Outputs.Where(output => output.Webhook is not null)
                    .Select(output => (made.Version, Output: output)));
            foreach (var topic in declared.GroupBy(one => one.Output.Topic))
            {
                yield return new Subscription(
                    topic.Key, topic.Key, topic.Last().Output.Webhook!, new Dictionary<string, string>(), null)
                {
                    Job = job,
                    SaidBy = topic.Select(one => one.Version.ToString()).ToHashSet(StringComparer.Ordinal),
                };
            }
        }
    }

    private async ValueTask<Place> EndAsync()
    {
        await using var sequence = _log.Read([], Place.Start);
        return sequence.CompleteTo;
    }

    private void RefuseJobs(string name)
    {
        if (OfJobs(_journal.Catalog).FirstOrDefault(one => one.Name == name) is { } declared)
        {
            throw new KappaException(
                ErrorKind.Conflict, $"Subscription '{name}' is declared by job '{declared.Job}' (ToWebhook).",
                "Change it in the job's code, or choose another name.");
        }
    }

    private async Task ReconcileAsync(CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            await ReconcileAloneAsync(cancel);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task ReconcileAloneAsync(CancellationToken cancel)
    {
        // A job's goes before an operator's of the same name: it is part of what the job says.
        var wanted = OfJobs(_journal.Catalog).ToDictionary(one => one.Name, StringComparer.Ordinal);
        foreach (var asked in _asked.Values)
        {
            wanted.TryAdd(asked.Name, asked);
        }

        foreach (var running in _running.Values.ToList())
        {
            if (!wanted.TryGetValue(running.Subscription.Name, out var one) || !one.IsSame(running.Subscription))
            {
                await StopAsync(running.Subscription.Name);
            }
        }

        foreach (var one in wanted.Values.Where(one => !_running.ContainsKey(one.Name)))
        {
            if (one.Job is not null)
            {
                await _log.ChangeAsync(new CreateTopic(one.Topic), cancel);
            }

            var running = _running[one.Name] = new Running(one, one.Ended ? PlaceOf(one.Name) : Place.Start);
            if (one.Ended)
            {
                continue;
            }

            running.Start(stop => KeepRunningAsync(running, stop));
        }
    }

    private Place PlaceOf(string name)
    {
        try
        {
            return _files.ReadPosition(name)?.After ?? Place.Start;
        }
        catch (KappaException unreadable)
        {
            _options.Report($"Subscription '{name}', which has ended: {unreadable.Message}");
            return Place.Start;
        }
    }

    private async Task StopAsync(string name)
    {
        if (_running.TryRemove(name, out var running))
        {
            await running.DisposeAsync();
        }
    }

    private async Task FollowAsync()
    {
        var known = _journal.Catalog;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                known = await _journal.ChangedAsync(known, _stop.Token);
                await ReconcileAsync(_stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (KappaException trouble)
            {
                // The next change of the journal reconciles everything again.
                _options.Report($"The webhooks of jobs could not be brought in line: {trouble.Message} {trouble.Next}");
            }
        }
    }

    private async Task KeepRunningAsync(Running running, CancellationToken cancel)
    {
        var wait = RetryAfter;
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                running.Run = new PushRun(running.Subscription, _log, _files, _client, _options);
                await running.Run.RunAsync(cancel);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception trouble)
            {
                // The boundary of a subscription: whatever stops it is told, and everything else goes on.
                _options.Report(
                    $"Subscription '{running.Subscription.Name}': {trouble.Message} "
                    + $"Tried again in {wait.TotalSeconds:0} s. {(trouble as KappaException)?.Next}");
                await Task.Delay(wait, _options.Time, cancel).ContinueWith(_ => { }, TaskScheduler.Default);
                wait = wait * 2 > RetryMax ? RetryMax : wait * 2;
            }
        }
    }

    private sealed class Running(Subscription subscription, Place endedAt) : IAsyncDisposable
    {
        private readonly CancellationTokenSource _cancel = new();
        private Task _task = Task.CompletedTask;

        public Subscription Subscription { get; } = subscription;

        public PushRun? Run { get; set; }

        public PushState State => Run?.State ?? new PushState(
            endedAt, 0, 0, 0, 0,
            Subscription.Ended ? $"Its topic '{Subscription.Topic}' was deleted. Remove it, or add it again." : null);

        public void Start(Func<CancellationToken, Task> keepRunning) =>
            _task = Task.Run(() => keepRunning(_cancel.Token));

        public async ValueTask DisposeAsync()
        {
            await _cancel.CancelAsync();
            await _task;
            _cancel.Dispose();
        }
    }
}
