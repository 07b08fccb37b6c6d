namespace Kappa.Log.Tests.Archives;

/// <summary>
/// Time in which short waits are over at once, and long ones, the limits of attempts, when somebody says so.
/// </summary>
internal sealed class ImpatientTime : TimeProvider
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);
    private readonly Lock _lock = new();
    private readonly List<Due> _long = [];

    /// <summary>How long everybody has waited in all, between attempts.</summary>
    public TimeSpan Waited { get; private set; }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var due = new Due(this, callback, state);
        lock (_lock)
        {
            if (dueTime >= Long)
            {
                _long.Add(due);
            }
            else if (dueTime >= TimeSpan.Zero)
            {
                Waited += dueTime;
            }
        }

        if (dueTime < Long && dueTime >= TimeSpan.Zero)
        {
            ThreadPool.QueueUserWorkItem(_ => due.Fire());
        }

        return due;
    }

    /// <summary>The limits of all attempts under way are over, a moment from now.</summary>
    public void Expire()
    {
        List<Due> over;
        lock (_lock)
        {
            over = [.. _long];
        }

        ThreadPool.QueueUserWorkItem(_ => over.ForEach(due => due.Fire()));
    }

    private sealed class Due(ImpatientTime time, TimerCallback callback, object? state) : ITimer
    {
        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Remove();
            return true;
        }

        public void Dispose() => Remove();

        public ValueTask DisposeAsync()
        {
            Remove();
            return ValueTask.CompletedTask;
        }

        private void Remove()
        {
            lock (time._lock)
            {
                time._long.Remove(this);
            }
        }
    }
}
