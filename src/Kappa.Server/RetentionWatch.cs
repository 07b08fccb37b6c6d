using Kappa.Log;

namespace Kappa.Server;

/// <summary>Looks once a minute for what retention lets go (rule L9).</summary>
internal sealed class RetentionWatch : IAsyncDisposable
{
    private readonly Platform _platform;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;
    private bool _isTold;

    public RetentionWatch(Platform platform)
    {
        _platform = platform;
        _watching = Task.Run(WatchAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(_platform.Options.RetainEvery, _platform.Options.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                await RetainAsync();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopping is how it ends.
        }
    }

    private async Task RetainAsync()
    {
        try
        {
            // Not while a version is being made: it is told where its topics begin.
            await _platform.Deployment.AloneAsync(_platform.Retaining.RunAsync, _stop.Token);
            _isTold = false;
        }
        catch (KappaException trouble)
        {
            if (!_isTold)
            {
                _platform.Options.Report($"Nothing could be removed by retention: {trouble.Message} {trouble.Next}");
            }

            _isTold = true;
        }
    }
}
