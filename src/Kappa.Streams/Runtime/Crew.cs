using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Kappa.Streams.Runtime;

/// <summary>
/// The threads that do the tasks of a step: the one that drives the machine, and some of the pool's. These stay between
/// two rounds of tasks as long as the rounds follow each other closely, because waking a thread takes longer than a
/// round; where nothing comes they go back to the pool. Which thread does a task leaves no trace.
/// </summary>
/// <param name="threads">How many, with the one that drives the machine; at least 1.</param>
internal sealed class Crew(int threads)
{
    private static readonly long LeaveAfter = Stopwatch.Frequency / 2_000;

    private Action<int> _run = _ => { };
    private int _tasks;
    private int _left;
    private int _open;
    private int _others;
    private Exception? _error;

    /// <summary>
    /// Does tasks 0 to <paramref name="tasks"/> − 1, in any order and several at once; returns when all are done.
    /// </summary>
    /// <param name="tasks">How many.</param>
    /// <param name="run">Does one of them.</param>
    /// <param name="beside">What the calling thread does first, while others begin; it must not throw.</param>
    /// <exception cref="Exception">What the first task that failed threw; all others were done.</exception>
    public void Run(int tasks, Action<int> run, Action? beside = null)
    {
        (_run, _tasks, _error) = (run, tasks, null);
        Volatile.Write(ref _open, tasks);
        Volatile.Write(ref _left, tasks);
        Call(Math.Min(threads, beside is null ? tasks : tasks + 1) - 1);
        beside?.Invoke();
        while (TryTake(out var task))
        {
            Do(task);
        }

        for (var wait = default(SpinWait); Volatile.Read(ref _open) > 0;)
        {
            wait.SpinOnce(sleep1Threshold: -1);
        }

        if (_error is { } error)
        {
            // Whoever drives the machine is told the trouble itself: a full disk is tried again, a fault is not.
            ExceptionDispatchInfo.Throw(error);
        }
    }

    private void Call(int others)
    {
        while (Volatile.Read(ref _others) < others)
        {
            Interlocked.Increment(ref _others);
            ThreadPool.QueueUserWorkItem(static crew => crew.Join(), this, preferLocal: false);
        }
    }

    private void Join()
    {
        do
        {
            TakePart();
            Interlocked.Decrement(ref _others);
        }
        while (Volatile.Read(ref _left) > 0 && Interlocked.Increment(ref _others) > 0); // Called as it left.
    }

    private void TakePart()
    {
        var since = Stopwatch.GetTimestamp();
        for (var wait = default(SpinWait); Stopwatch.GetTimestamp() - since < LeaveAfter;)
        {
            if (TryTake(out var task))
            {
                Do(task);
                wait.Reset();
                since = Stopwatch.GetTimestamp();
            }
            else
            {
                wait.SpinOnce(sleep1Threshold: -1);
            }
        }
    }

    /// <summary>
    /// Whoever takes a number has a task of the round that is on: it cannot end before that task is done, so what it
    /// consists of is read behind.
    /// </summary>
    private bool TryTake(out int task)
    {
        while (Volatile.Read(ref _left) is > 0 and var left)
        {
            if (Interlocked.CompareExchange(ref _left, left - 1, left) == left)
            {
                task = _tasks - left;
                return true;
            }
        }

        task = -1;
        return false;
    }

    private void Do(int task)
    {
        try
        {
            _run(task);
        }
        catch (Exception error)
        {
            Interlocked.CompareExchange(ref _error, error, null);
        }

        Interlocked.Decrement(ref _open);
    }
}
