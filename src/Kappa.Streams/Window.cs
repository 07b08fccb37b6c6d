using Kappa.Log;

namespace Kappa.Streams;

/// <summary>How event time is cut: windows [start, end), aligned to the epoch 1970-01-01T00:00Z (rule O1).</summary>
public sealed record Window
{
    private Window(TimeSpan size) => Size = size;

    /// <summary>The length of a window.</summary>
    public TimeSpan Size { get; }

    /// <summary>How long after its end a window stays open for late values. Default 0.</summary>
    public TimeSpan GraceTime { get; private init; }

    /// <summary>Windows of one size, one after the other.</summary>
    /// <exception cref="KappaException">The size is not positive.</exception>
    public static Window Tumbling(TimeSpan size) => size > TimeSpan.Zero
        ? new Window(Calendar.Within(size))
        : throw new KappaException(
            ErrorKind.Invalid, $"A window of {size} cannot be: allowed is more than 0.", "Give a size, for example TimeSpan.FromMinutes(1).");

    /// <summary>The same windows, each kept open for so long after its end.</summary>
    public Window Grace(TimeSpan time) => time >= TimeSpan.Zero
        ? this with { GraceTime = Calendar.Within(time) }
        : throw new KappaException(
            ErrorKind.Invalid, $"A grace of {time} cannot be: allowed are 0 and more.", "Give a grace of 0 or more.");

    internal long StartOf(long eventTime)
    {
        var since = (eventTime - DateTime.UnixEpoch.Ticks) % Size.Ticks;
        return eventTime - (since < 0 ? since + Size.Ticks : since);
    }
}

/// <summary>A window of event time: start inclusive, end exclusive.</summary>
public readonly record struct WindowSpan(DateTimeOffset Start, DateTimeOffset End);

/// <summary>The final result of one key's window; its event time is the window's end − 1 tick (rule T6).</summary>
public readonly record struct Windowed<TKey, TValue>(TKey Key, WindowSpan Window, TValue Value);
