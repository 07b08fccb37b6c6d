using System.Diagnostics.CodeAnalysis;

namespace Kappa.Streams.Runtime;

/// <summary>Says which windows a value of a key falls into. One per stage: it remembers.</summary>
internal abstract class WindowChoice<TKey, T>
    where TKey : notnull
{
    /// <summary>Puts the windows of a value into a list, the earliest end first.</summary>
    public abstract void Assign(TKey key, T value, long time, List<WindowBounds> into);
}

/// <summary>Windows by time alone.</summary>
internal sealed class TimeChoice<TKey, T>(WindowCut cut) : WindowChoice<TKey, T>
    where TKey : notnull
{
    private readonly CutCursor _cursor = new(cut);

    public WindowCut Cut => cut;

    public override void Assign(TKey key, T value, long time, List<WindowBounds> into) => _cursor.Assign(time, into);
}

/// <summary>Windows chosen by the key; the function is pure, so what it said once is kept for a while.</summary>
internal sealed class KeyChoice<TKey, T>(Func<TKey, Window> choose) : WindowChoice<TKey, T>
    where TKey : notnull
{
    private const int KeptMost = 10_000;

    private readonly Dictionary<TKey, CutCursor> _kept = [];

    public override void Assign(TKey key, T value, long time, List<WindowBounds> into)
    {
        if (!_kept.TryGetValue(key, out var cursor))
        {
            cursor = new CutCursor(CutOf(choose(key)));
            if (_kept.Count == KeptMost)
            {
                _kept.Clear();
            }

            _kept.Add(key, cursor);
        }

        cursor.Assign(time, into);
    }

    private static WindowCut CutOf([NotNull] Window? window) => window switch
    {
        null => throw new InvalidOperationException("The window chosen for the key is null."),
        { Cut: SessionCut or SameCut } => throw new InvalidOperationException(
            $"The window chosen for the key is {window.Cut.Text}; chosen can be tumbling, hopping, cumulating and "
            + "calendar windows."),
        { GraceTime.Ticks: > 0 } => throw new InvalidOperationException(
            "The window chosen for the key has a grace of its own; give Window the grace, which holds for all keys."),
        _ => window.Cut,
    };
}

/// <summary>The window a value came out of.</summary>
internal sealed class SameChoice<TKey, T> : WindowChoice<TKey, T>
    where TKey : notnull
{
    private static readonly Func<T, WindowSpan>? SpanOf = MakeSpanOf();

    /// <summary>Has a value of this type a window?</summary>
    public static bool IsPossible => SpanOf is not null;

    public override void Assign(TKey key, T value, long time, List<WindowBounds> into)
    {
        var span = SpanOf!(value);
        into.Add(new WindowBounds(span.Start.UtcTicks, span.End.UtcTicks));
    }

    private static Func<T, WindowSpan>? MakeSpanOf() => typeof(IWindowed).IsAssignableFrom(typeof(T))
        ? typeof(WindowSpans).GetMethod(nameof(WindowSpans.Of))!.MakeGenericMethod(typeof(T))
            .CreateDelegate<Func<T, WindowSpan>>()
        : null;
}

/// <summary>Reads a value's window without boxing it.</summary>
internal static class WindowSpans
{
    public static WindowSpan Of<T>(T value)
        where T : IWindowed => value.Span;
}

/// <summary>Remembers the last window of a cut, as the next value mostly falls into it too.</summary>
internal sealed class CutCursor(WindowCut cut)
{
    private WindowBounds _last = new(long.MaxValue, long.MinValue);

    public void Assign(long time, List<WindowBounds> into)
    {
        if (time >= _last.Start && time < _last.End)
        {
            into.Add(_last);
            return;
        }

        cut.Assign(time, into);
        if (cut.IsSeamless)
        {
            _last = into[^1];
        }
    }
}
