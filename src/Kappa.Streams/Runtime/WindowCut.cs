using System.Globalization;

namespace Kappa.Streams.Runtime;

/// <summary>A window in ticks: start inclusive, end exclusive.</summary>
internal readonly record struct WindowBounds(long Start, long End);

/// <summary>Says which windows a time falls into.</summary>
internal abstract record WindowCut
{
    /// <summary>One canonical text, for fingerprints.</summary>
    public abstract string Text { get; }

    /// <summary>Does each time fall into one window, and each window follow the one before it?</summary>
    public virtual bool IsSeamless => false;

    /// <summary>Puts the windows of a time into a list, the earliest end first.</summary>
    public abstract void Assign(long time, List<WindowBounds> into);

    /// <summary>The span around a time in which every time falls into the same windows.</summary>
    public virtual WindowBounds Pane(long time) =>
        throw new InvalidOperationException($"There are no panes of {Text}.");

    /// <summary>The first end of a window behind a time.</summary>
    public virtual long NextEnd(long time) => Pane(time).End;

    /// <summary>The last multiple of a size since the epoch at or before a time.</summary>
    protected static long Floor(long time, long size)
    {
        var since = (time - DateTime.UnixEpoch.Ticks) % size;
        return time - (since < 0 ? since + size : since);
    }
}

/// <summary>Windows of one size at even steps: tumbling where the step is the size, else hopping.</summary>
internal sealed record EvenCut(TimeSpan Size, TimeSpan Every) : WindowCut
{
    public override string Text =>
        string.Create(CultureInfo.InvariantCulture, $"windows of {Size.Ticks} every {Every.Ticks}");

    public override bool IsSeamless => Size == Every;

    public override void Assign(long time, List<WindowBounds> into)
    {
        var last = Floor(time, Every.Ticks);
        var first = last - ((Size.Ticks - 1 - (time - last)) / Every.Ticks * Every.Ticks);
        for (var start = first; start <= last; start += Every.Ticks)
        {
            into.Add(new WindowBounds(start, start + Size.Ticks));
        }
    }

    public override WindowBounds Pane(long time)
    {
        // Something changes where a window begins and where one ends.
        var begins = Floor(time, Every.Ticks);
        var ends = NextEnd(time);
        return new WindowBounds(
            Math.Max(begins, ends - Every.Ticks), Math.Min(begins + Every.Ticks, ends));
    }

    public override long NextEnd(long time) => Floor(time - Size.Ticks, Every.Ticks) + Every.Ticks + Size.Ticks;
}

/// <summary>Windows that grow from one start by steps.</summary>
internal sealed record GrowingCut(TimeSpan Size, TimeSpan Step) : WindowCut
{
    public override string Text =>
        string.Create(CultureInfo.InvariantCulture, $"windows of {Size.Ticks} growing by {Step.Ticks}");

    public override void Assign(long time, List<WindowBounds> into)
    {
        var start = Floor(time, Size.Ticks);
        for (var end = (((time - start) / Step.Ticks) + 1) * Step.Ticks; end <= Size.Ticks; end += Step.Ticks)
        {
            into.Add(new WindowBounds(start, start + end));
        }
    }

    public override WindowBounds Pane(long time)
    {
        var start = Floor(time, Size.Ticks);
        var step = start + ((time - start) / Step.Ticks * Step.Ticks);
        return new WindowBounds(step, step + Step.Ticks);
    }
}

/// <summary>Days, weeks, months, years of a time zone.</summary>
internal sealed record CalendarCut(CalendarUnit Unit, TimeZoneInfo Zone) : WindowCut
{
    public override string Text => $"{Unit} in {Zone.Id}";

    public override bool IsSeamless => true;

    public override void Assign(long time, List<WindowBounds> into)
    {
        var date = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(new DateTimeOffset(time, TimeSpan.Zero),
            Zone).DateTime);
        var first = Unit switch
        {
            CalendarUnit.Day => date,
            CalendarUnit.Week => date.AddDays(-(((int)date.DayOfWeek + 6) % 7)),
            CalendarUnit.Month => new DateOnly(date.Year, date.Month, 1),
            _ => new DateOnly(date.Year, 1, 1),
        };
        var next = Unit switch
        {
            CalendarUnit.Day => first.AddDays(1),
            CalendarUnit.Week => first.AddDays(7),
            CalendarUnit.Month => first.AddMonths(1),
            _ => first.AddYears(1),
        };
        into.Add(new WindowBounds(Midnight(first), Midnight(next)));
    }

    public override WindowBounds Pane(long time)
    {
        var one = new List<WindowBounds>(1);
        Assign(time, one);
        return one[0];
    }

    /// <summary>
    /// The instant a day begins: the first one, where clocks go back over midnight; the next there is, where they skip
    /// it.
    /// </summary>
    private long Midnight(DateOnly date)
    {
        var local = date.ToDateTime(TimeOnly.MinValue);
        while (Zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(1);
        }

        var offset = Zone.IsAmbiguousTime(local) ? Zone.GetAmbiguousTimeOffsets(local).Max() : Zone.GetUtcOffset(local);
        return local.Ticks - offset.Ticks;
    }
}

/// <summary>
/// Sessions: what is at most the gap behind the one before belongs together. They are no cut of time.
/// </summary>
internal sealed record SessionCut(TimeSpan Gap) : WindowCut
{
    public override string Text => string.Create(CultureInfo.InvariantCulture, $"sessions of {Gap.Ticks}");

    public override void Assign(long time, List<WindowBounds> into) =>
        throw new InvalidOperationException("Where a session ends, other values decide.");
}

/// <summary>The window a value came out of.</summary>
internal sealed record SameCut : WindowCut
{
    public override string Text => "the same windows";

    public override void Assign(long time, List<WindowBounds> into) =>
        throw new InvalidOperationException("The value has the window, not its time.");
}
