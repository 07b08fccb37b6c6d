using Kappa.Log;
using Kappa.Tables.Loop;

namespace Kappa.Server;

/// <summary>
/// Retires versions whose soak is over (rule V5). It looks once a minute; the journal says since when they soak.
/// </summary>
internal sealed class SoakWatch : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;

    public SoakWatch(Soak soak, PlatformOptions options) => _watching = WatchAsync(soak, options);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    private async Task WatchAsync(Soak soak, PlatformOptions options)
    {
        using var timer = new PeriodicTimer(Every, options.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                await RetireAsync(soak, options);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopping is how it ends.
        }
    }

    private async Task RetireAsync(Soak soak, PlatformOptions options)
    {
        try
        {
            foreach (var version in await soak.RetireDueAsync(options.Soak, _stop.Token))
            {
                options.Report(
                    $"{version} is retired: its soak of {options.Soak} is over. 'kappa drop {version}' deletes it.");
            }
        }
        catch (KappaException trouble)
        {
            // A switch may be under way, or the disk full; in a minute it is tried again.
            options.Report($"No version could be retired: {trouble.Message} {trouble.Next}");
        }
    }
}
