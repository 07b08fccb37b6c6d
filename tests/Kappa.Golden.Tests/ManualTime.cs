namespace Kappa.Golden.Tests;

/// <summary>Time that stands where it was put. Timers fire when it is moved, where that is asked for.</summary>
internal sealed class ManualTime(DateTimeOffset wall, bool firesTimers = false) : TimeProvider
{
    private readonly DateTimeOffset _start = wall;
    private readonly List<MovedTimer> _timers = [];
    private long _wall = wall.UtcTicks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => new(Volatile.Read(ref _wall), TimeSpan.Zero);

    public override long GetTimestamp() => Volatile.Read(ref _wall) - _start.UtcTicks;

    public void MoveTo(DateTimeOffset wall)
    {
        Volatile.Write(ref _wall, wall.UtcTicks);
        if (!firesTimers)
        {
            return;
        }

        List<MovedTimer> due;
        lock (_timers)
        {
            due = [.. _timers.Where(timer => timer.DueAt <= wall.UtcTicks)];
            due.ForEach(timer => timer.DueAt = long.MaxValue);
        }

        due.ForEach(timer => timer.Fire());
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new MovedTimer(this, () => callback(state));
        lock (_timers)
        {
            _timers.Add(timer);
        }

        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class MovedTimer(ManualTime time, Action fire) : ITimer
    {
        public long DueAt { get; set; } = long.MaxValue;

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._timers)
            {
                DueAt = dueTime == Timeout.InfiniteTimeSpan
                    ? long.MaxValue
                    : Volatile.Read(ref time._wall) + dueTime.Ticks;
                return true;
            }
        }

        public void Dispose()
        {
            lock (time._timers)
            {
                time._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
