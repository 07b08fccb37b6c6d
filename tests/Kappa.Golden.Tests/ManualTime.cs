namespace Kappa.Golden.Tests;

/// <summary>Time that stands where it was put; nothing in these tests waits for a timer of the log.</summary>
internal sealed class ManualTime(DateTimeOffset wall) : TimeProvider
{
    private readonly DateTimeOffset _start = wall;
    private long _wall = wall.UtcTicks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => new(Volatile.Read(ref _wall), TimeSpan.Zero);

    public override long GetTimestamp() => Volatile.Read(ref _wall) - _start.UtcTicks;

    public void MoveTo(DateTimeOffset wall) => Volatile.Write(ref _wall, wall.UtcTicks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Never();

    private sealed class Never : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
