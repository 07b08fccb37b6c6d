namespace Kappa.Log;

/// <summary>
/// Sees to it that log time passes (rule L5): a clock record before the interval is over, and one when log time reaches
/// a time that was asked for, at most ten a second.
/// </summary>
internal sealed class ClockTicker : IDisposable
{
    private static readonly long Pause = TimeSpan.FromMilliseconds(100).Ticks;
    private readonly LogClock _clock;
    private readonly Action _tick;
    private readonly long _every;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private readonly SortedSet<long> _wanted = [];
    private long _last;
    private bool _isAsked;
    private bool _isClosed;

    /// <param name="time">The clock of the timer.</param>
    /// <param name="clock">The log's clock.</param>
    /// <param name="interval">Log time never passes longer than this without a record.</param>
    /// <param name="tick">Asks for a clock record; must not wait.</param>
    public ClockTicker(TimeProvider time, LogClock clock, TimeSpan interval, Action tick)
    {
        _clock = clock;
        _tick = tick;
        _every = interval.Ticks * 3 / 4;
        _timer = time.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A clock record is durable.</summary>
    public void Written(long stamp)
    {
        lock (_lock)
        {
            _last = Math.Max(_last, stamp);
            _isAsked = false;
            while (_wanted.Count > 0 && _wanted.Min <= stamp)
            {
                _wanted.Remove(_wanted.Min);
            }

            Arm();
        }
    }

    /// <summary>A clock record could not be written; it is tried again.</summary>
    public void Failed()
    {
        lock (_lock)
        {
            _isAsked = false;
            Arm(TimeSpan.TicksPerSecond);
        }
    }

    /// <summary>Asks for a clock record at a log time.</summary>
    public void Want(long logTime)
    {
        lock (_lock)
        {
            if (logTime > _last && _wanted.Add(logTime) && _wanted.Min == logTime)
            {
                Arm();
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isClosed = true;
        }

        _timer.Dispose();
    }

    private void Look()
    {
        lock (_lock)
        {
            if (_isClosed || _isAsked)
            {
                return;
            }

            if (_clock.Now < Due())
            {
                Arm();
                return;
            }

            _isAsked = true;
        }

        _tick();
    }

    private long Due() => Math.Max(
        _last + Pause, Math.Min(_last + _every, _wanted.Count > 0 ? _wanted.Min : long.MaxValue));

    // While the wall clock is behind, log time is slower than the timer: then it is looked at again.
    private void Arm(long atLeast = 0)
    {
        if (!_isClosed)
        {
            var wait = Math.Max(atLeast, Due() - _clock.Now);
            _timer.Change(
                TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(TimeSpan.FromTicks(wait).TotalMilliseconds))),
                Timeout.InfiniteTimeSpan);
        }
    }
}
