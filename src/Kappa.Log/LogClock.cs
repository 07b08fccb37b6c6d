namespace Kappa.Log;

/// <summary>
/// The one counter of log time (rule L1): the wall clock, but strictly increasing; while the wall clock is behind, log
/// time passes at half the speed of the monotonic clock.
/// </summary>
internal sealed class LogClock
{
    private static readonly long Year2020 = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private long _last;
    private long _lastAt;

    public LogClock(TimeProvider time, long last)
    {
        _time = time;
        _last = last;
        _lastAt = time.GetTimestamp();
        if (last == 0 && time.GetUtcNow().UtcTicks < Year2020)
        {
            throw new KappaException(
                ErrorKind.Unavailable,
                $"The wall clock says {time.GetUtcNow():yyyy-MM-dd}, before 2020-01-01:"
                    + " a fresh log would keep that time for ever.",
                "Set the machine's clock, then start again.");
        }
    }

    /// <summary>The last stamp given, in ticks; 0 when none was.</summary>
    public long Last
    {
        get
        {
            lock (_lock)
            {
                return _last;
            }
        }
    }

    /// <summary>Is the wall clock behind the last stamp?</summary>
    public bool IsBehind => _time.GetUtcNow().UtcTicks < Last;

    /// <summary>The stamp that would be given now.</summary>
    public long Now
    {
        get
        {
            lock (_lock)
            {
                return Peek();
            }
        }
    }

    /// <summary>Gives the next stamp.</summary>
    public long Next()
    {
        lock (_lock)
        {
            _last = Peek();
            _lastAt = _time.GetTimestamp();
            return _last;
        }
    }

    private long Peek() => Math.Max(
        _time.GetUtcNow().UtcTicks,
        _last + Math.Max(1, _time.GetElapsedTime(_lastAt).Ticks / 2));
}
