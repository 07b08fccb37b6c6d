using System.Collections.Concurrent;
using Kappa.Log;
using Kappa.Tables;
using Kappa.Tables.Loop;

namespace Kappa.Streams.Runtime;

/// <summary>The relays of all outputs there are; each is tried again where the log stopped it.</summary>
internal sealed class Relays(ILog log, Journal journal, VersionsOptions options) : IAsyncDisposable
{
    private static readonly TimeSpan RelayedWithin = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RetryMax = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<JobVersion, Frontier> _frontiers = new();
    private readonly ConcurrentDictionary<string, (Relay Relay, Task Task)> _relays = new();
    private readonly CancellationTokenSource _stop = new();

    /// <summary>How far a version is, for those who read what it says.</summary>
    public Frontier FrontierOf(JobVersion version) => _frontiers.GetOrAdd(version, _ => new Frontier());

    /// <summary>Up to where an output was copied into its public topic; null where no relay does that.</summary>
    public Place? ReachedOf(string topic) => _relays.TryGetValue(topic, out var found) ? found.Relay.Reached : null;

    /// <summary>Starts the relays of outputs that have none. They end with the process.</summary>
    public void Start(Catalog catalog)
    {
        foreach (var version in catalog.Versions.Where(version => version.State != VersionState.Dropped))
        {
            foreach (var output in version.Made.Outputs.Where(output => !_relays.ContainsKey(output.Topic)))
            {
                var relay = new Relay(log, journal, version.Version.Job, output.Topic, FrontierOf);
                _relays[output.Topic] = (relay, Task.Run(() => KeepRunningAsync(relay, output.Topic)));
            }
        }
    }

    /// <summary>Waits until everything a version owned, and owns no more, is in the public topics.</summary>
    public async Task RelayedAsync(JobVersion version, CancellationToken cancel)
    {
        var owned = journal.Catalog.Owners(version.Job)
            .Where(owner => owner.Version == version && owner.UpTo is not null).ToList();
        if (owned.Count == 0 || journal.Catalog.Find(version) is not { } found)
        {
            return;
        }

        using var limit = new CancellationTokenSource(RelayedWithin, options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        foreach (var output in found.Made.Outputs)
        {
            try
            {
                if (_relays.TryGetValue(output.Topic, out var relay))
                {
                    await relay.Relay.ReachedAsync(owned[^1].UpTo!.Value, either.Token);
                }
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancel.IsCancellationRequested)
            {
                throw new KappaException(
                    ErrorKind.Unavailable,
                    $"What {version} said while it was live is not yet in topic '{output.Topic}'.",
                    "Try again in a while, or give it up with --discard.");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_relays.Values.Select(relay => relay.Task));
        _stop.Dispose();
    }

    private async Task KeepRunningAsync(Relay relay, string topic)
    {
        var wait = options.RetryAfter;
        var reached = relay.Reached;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await relay.RunAsync(_stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (KappaException trouble)
            {
                // A relay that got further had its trouble behind it: the waiting begins anew.
                wait = relay.Reached > reached ? options.RetryAfter : wait;
                reached = relay.Reached;
                options.Report(
                    $"The relay of '{topic}': {trouble.Message} Tried again in {wait.TotalSeconds:0} s. "
                    + trouble.Next);
                await Task.Delay(wait, options.Time, _stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
                wait = wait * 2 > RetryMax ? RetryMax : wait * 2;
            }
        }
    }
}
