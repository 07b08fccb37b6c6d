using Kappa.Log;

namespace Kappa.Server.Mirrors;

/// <summary>
/// One mirror at work: it copies what is sealed, rests, and looks again; what a store does not do it is asked again,
/// ever less often. Nothing else waits for it.
/// </summary>
internal sealed class MirrorRun : IAsyncDisposable
{
    private static readonly TimeSpan FirstRest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(1);
    private readonly EmbeddedLog _log;
    private readonly PlatformOptions _options;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public MirrorRun(EmbeddedLog log, MirrorSetting setting, MirrorFiles files, PlatformOptions options)
    {
        _log = log;
        _options = options;
        Setting = setting;
        Archive = new Archive(
            ArchiveStores.Open(setting.Store, options.ArchiveStores, options.Files), setting.Topic,
            options.ArchivePatience)
        {
            Known = files.ReadHeads(setting.Name),
            Inherited = setting.Origin?.ToInheritance(),
        };
        try
        {
            log.Attach(Archive);
        }
        catch
        {
            Archive.DisposeAsync().AsTask().GetAwaiter().GetResult();
            throw;
        }

        Mirror = new Mirror(log, Archive, setting.Id, heads =>
        {
            Archive.Known = heads;
            files.WriteHeads(setting.Name, heads);
        });
    }

    public MirrorSetting Setting { get; }

    public Archive Archive { get; }

    public Mirror Mirror { get; }

    /// <summary>Why it did not get on when it last tried; null while it does.</summary>
    public string? Error { get; private set; }

    public void Start() => _running = Task.Run(RunAsync);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _log.Detach(Archive);
        await Archive.DisposeAsync();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var rest = FirstRest;
        try
        {
            while (true)
            {
                try
                {
                    if (Setting.IsStopped || Setting.Origin is not null)
                    {
                        // How far it reaches is to be known all the same.
                        await Archive.LoadAsync(again: false, _stop.Token);
                    }
                    else
                    {
                        await Mirror.CopyAsync(_stop.Token);
                    }

                    Error = null;
                    rest = FirstRest;
                    await Task.Delay(_options.MirrorEvery, _options.Time, _stop.Token);
                }
                catch (Exception trouble) when (trouble is not OperationCanceledException)
                {
                    // Also what no store should throw: it is told, and the mirror goes on.
                    Tell(trouble is KappaException known ? $"{known.Message} {known.Next}" : trouble.Message);
                    await Task.Delay(rest, _options.Time, _stop.Token);
                    rest = rest + rest < LongestRest ? rest + rest : LongestRest;
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopping is how it ends.
        }
    }

    private void Tell(string trouble)
    {
        if (Error != trouble)
        {
            _options.Report($"The mirror {Setting.Name} does not get on: {trouble}");
        }

        Error = trouble;
    }
}
