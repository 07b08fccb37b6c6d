using System.Collections.Concurrent;

namespace Kappa.Torture;

/// <summary>Keeps the server's folder and its present life; everybody else asks it for the life to speak to.</summary>
internal sealed class Supervisor(string folder, Findings findings) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<ServerProcess> _lives = [];
    private TaskCompletionSource<ServerProcess> _life = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Folder => folder;

    /// <summary>What the server said on its error output.</summary>
    public ConcurrentQueue<string> Output { get; } = new();

    /// <summary>The life that takes requests, when there is one.</summary>
    public Task<ServerProcess> LifeAsync()
    {
        lock (_lock)
        {
            return _life.Task;
        }
    }

    /// <summary>Starts a life that does not take requests yet.</summary>
    public ServerProcess Begin(int? workers = null)
    {
        var life = ServerProcess.Start(folder, workers, Output, findings);
        _lives.Add(life);
        return life;
    }

    /// <summary>Starts a life, or takes one that was begun, and hands it to everybody once it listens.</summary>
    public async Task<ServerProcess> StartAsync(ServerProcess? begun = null, int? workers = null)
    {
        var life = begun ?? Begin(workers);
        await life.ListeningAsync(folder);
        lock (_lock)
        {
            _life.SetResult(life);
        }

        return life;
    }

    /// <summary>Kills the present life.</summary>
    public async Task KillAsync() => await (await TakeAsync()).KillAsync();

    /// <summary>Asks the present life to stop, and kills it when that takes longer than the given patience.</summary>
    /// <returns>Did it end by itself?</returns>
    public async Task<bool> StopAsync(Task patience) => await (await TakeAsync()).StopAsync(patience);

    private async Task<ServerProcess> TakeAsync()
    {
        var life = await LifeAsync();
        lock (_lock)
        {
            _life = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        return life;
    }

    public void Dispose()
    {
        foreach (var life in _lives)
        {
            life.Dispose();
        }
    }
}
