using System.Globalization;
using Kappa.Tables;

namespace Kappa.Streams.Runtime;

/// <summary>One version with its run, as long as it shall run.</summary>
internal sealed class RunningVersion(JobVersion version) : IAsyncDisposable
{
    private readonly CancellationTokenSource _cancel = new();
    private readonly TaskCompletionSource _fenced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _task = Task.CompletedTask;
    private volatile Tuple<JobRun?, Task?> _current = new(null, null);

    public JobVersion Version { get; } = version;

    public JobRun? Run => _current.Item1;

    /// <summary>Ends when another process has taken over (rule C4).</summary>
    public Task Fenced => _fenced.Task;

    /// <summary>Who took over; null for nobody.</summary>
    public FencedException? Fence { get; private set; }

    /// <summary>The run and its end, which belong together: a retry replaces both at once.</summary>
    public (JobRun? Run, Task? Ended) Current => (_current.Item1, _current.Item2);

    public void Start(Func<CancellationToken, Task> keepRunning) => _task = Task.Run(() =>
    {
        // Rule V2: definitions, lambdas and their errors read the same on every machine. The culture flows from
        // here into everything the run awaits, and into its workers.
        CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;
        return keepRunning(_cancel.Token);
    });

    public void StopFor(FencedException fence)
    {
        Fence = fence;
        _fenced.SetResult();
    }

    public async Task TrackAsync(JobRun run, Task task)
    {
        _current = new(run, task.ContinueWith(_ => { }, TaskScheduler.Default));
        await task;
    }

    public async ValueTask DisposeAsync()
    {
        await _cancel.CancelAsync();
        await _task;
        _cancel.Dispose();
    }
}
