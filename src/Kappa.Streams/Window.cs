using Kappa.Log;
using Kappa.Streams.Runtime;

namespace Kappa.Streams;

/// <summary>How event time is cut: windows [start, end), aligned to the epoch 1970-01-01T00:00Z (rule O1).</summary>
public sealed record Window
{
    /// <summary>Most windows one value may fall into: hopping and cumulating windows overlap.</summary>
    public const int OverlapMax = 1_000;

    /// <summary>The longest window, about a thousand years: its end must be a time.</summary>
    public static readonly TimeSpan SizeMax = TimeSpan.FromDays(365_000);

    private Window(WindowCut cut) => Cut = cut;

    /// <summary>How long after its end a window stays open for late values. Default 0.</summary>
    public TimeSpan GraceTime { get; private init; }

    internal WindowCut Cut { get; }

    /// <summary>Windows of one size, one after the other.</summary>
    /// <exception cref="KappaException">The size is not positive.</exception>
    public static Window Tumbling(TimeSpan size) => new(new EvenCut(Positive("size", size), size));

    /// <summary>Windows of one size, a new one every so often: they overlap where the size is longer.</summary>
    /// <param name="size">The length of a window.</param>
    /// <param name="every">From one start to the next; at most the size.</param>
    /// <exception cref="KappaException">A time is not positive, or a value would fall into too many
    /// windows.</exception>
    public static Window Hopping(TimeSpan size, TimeSpan every)
    {
        Within(Positive("size", size), Positive("step", every));
        return new Window(new EvenCut(size, every));
    }

    /// <summary>Windows that grow by a step until they have their size, then begin anew.</summary>
    /// <param name="size">The length of the last and longest; a multiple of the step.</param>
    /// <param name="step">What each is longer than the one before.</param>
    /// <exception cref="KappaException">A time is not positive, or the size no multiple of the step.</exception>
    public static Window Cumulating(TimeSpan size, TimeSpan step)
    {
        Within(Positive("size", size), Positive("step", step));
        return size.Ticks % step.Ticks == 0
            ? new Window(new GrowingCut(size, step))
            : throw Wrong(
                $"Cumulating windows of {size} cannot grow by {step}: the size is no multiple of the step.",
                "Give a step that divides the size.");
    }

    /// <summary>
    /// Days, weeks, months or years of a time zone; a day is 23 or 25 hours long where clocks change.
    /// </summary>
    /// <param name="unit">What is one window; a week begins on Monday.</param>
    /// <param name="zone">The zone's IANA name, for example <c>Europe/Madrid</c>.</param>
    /// <exception cref="KappaException">There is no such zone on this machine.</exception>
    public static Window Calendar(CalendarUnit unit, string zone) =>
        TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found)
            ? new Window(new CalendarCut(unit, found))
            : throw Wrong(
                $"There is no time zone '{zone}' on this machine.",
                "Give an IANA name, for example 'Europe/Madrid' or 'UTC'.");

    /// <summary>
    /// Sessions of a key: what comes at most the gap behind the one before belongs together. The window is [first, last
    /// + gap); it is final when the watermark is beyond its end (rule T4).
    /// </summary>
    /// <param name="gap">The longest silence within a session.</param>
    /// <exception cref="KappaException">The gap is not positive.</exception>
    public static Window Session(TimeSpan gap) => new(new SessionCut(Positive("gap", gap)));

    /// <summary>Behind the result of a window: the window that it came out of.</summary>
    public static Window Same { get; } = new(new SameCut());

    /// <summary>The same windows, each kept open for so long after its end.</summary>
    public Window Grace(TimeSpan time) => time >= TimeSpan.Zero
        ? this with { GraceTime = AllTime.Within(time) }
        : throw Wrong($"A grace of {time} cannot be: allowed are 0 and more.", "Give a grace of 0 or more.");

    private static TimeSpan Positive(string what, TimeSpan time) => time > TimeSpan.Zero && time <= SizeMax
        ? time
        : throw Wrong(
            $"A window's {what} of {time} cannot be: allowed is more than 0, up to {SizeMax}.",
            $"Give a {what}, for example TimeSpan.FromMinutes(1).");

    private static void Within(TimeSpan size, TimeSpan step)
    {
        if (step > size || size.Ticks / step.Ticks > OverlapMax)
        {
            throw Wrong(
                $"Windows of {size} every {step} cannot be: the step is at most the size, and a value falls into at "
                + $"most {OverlapMax} windows.",
                "Give a longer step or a shorter size.");
        }
    }

    private static KappaException Wrong(string what, string next) => new(ErrorKind.Invalid, what, next);
}
