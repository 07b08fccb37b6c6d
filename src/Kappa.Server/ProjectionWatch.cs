using System.Globalization;
using Kappa.Log;
using Kappa.Streams.Runtime;

namespace Kappa.Server;

/// <summary>
/// Writes typed twins of sealed segments for the versions that run (rule L11), slowly: it rests as long as it works.
/// Twins that no version uses go once after a start. A disk that is full ends the work, and never a job.
/// </summary>
internal sealed class ProjectionWatch : IAsyncDisposable
{
    private readonly EmbeddedLog _log;
    private readonly Versions _versions;
    private readonly PlatformOptions _options;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;
    private bool _arePruned;
    private bool _isTold;

    public ProjectionWatch(EmbeddedLog log, Versions versions, PlatformOptions options)
    {
        _log = log;
        _versions = versions;
        _options = options;
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
        // Rule V2: user code reads the same on every machine.
        CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;
        using var timer = new PeriodicTimer(_options.ProjectEvery, _options.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                await ProjectAsync();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopping is how it ends.
        }
    }

    private async Task ProjectAsync()
    {
        var (projections, areAll) = _versions.Projections();
        try
        {
            if (areAll && !_arePruned)
            {
                _log.KeepProjections([.. projections.Select(one => one.Key)]);
                _arePruned = true;
            }

            foreach (var projection in projections)
            {
                var began = _options.Time.GetTimestamp();
                await _log.ProjectAsync(
                    projection,
                    async cancel =>
                    {
                        await Task.Delay(_options.Time.GetElapsedTime(began), _options.Time, cancel);
                        began = _options.Time.GetTimestamp();
                    },
                    _stop.Token);
            }

            _isTold = false;
        }
        catch (KappaException trouble)
        {
            // Told once: it is tried again every few seconds, and nothing waits for it.
            if (!_isTold)
            {
                _options.Report($"No projections can be written: {trouble.Message} {trouble.Next}");
            }

            _isTold = true;
        }
    }
}
