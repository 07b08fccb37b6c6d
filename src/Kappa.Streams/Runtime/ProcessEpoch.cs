using Kappa.Log;

namespace Kappa.Streams.Runtime;

/// <summary>
/// The epoch of this process (rule C4), one for all its versions and all their retries. It is asked for when the
/// process begins: one that slept, and finds a version of its successor's when it wakes, must not come before it.
/// </summary>
internal sealed class ProcessEpoch(ILog log)
{
    private readonly Lock _lock = new();
    private Task<long>? _asked;

    /// <summary>Asks for it, where it was not asked for yet.</summary>
    public void Begin() => _ = AskAsync();

    /// <summary>The epoch; asks again where the log did not give one.</summary>
    /// <exception cref="KappaException">Unavailable: the log gives none now.</exception>
    public Task<long> GetAsync(CancellationToken cancel) => AskAsync().WaitAsync(cancel);

    private Task<long> AskAsync()
    {
        lock (_lock)
        {
            if (_asked is null or { IsCompleted: true, IsCompletedSuccessfully: false })
            {
                // What fails is told to the run that waits for it; nobody may wait for the first.
                _asked = log.NextEpochAsync(CancellationToken.None).AsTask();
                _ = _asked.ContinueWith(asked => _ = asked.Exception, TaskScheduler.Default);
            }

            return _asked;
        }
    }
}
