using System.Globalization;
using Kappa.Streams.Runtime;

namespace Kappa.Streams.Nodes;

/// <summary>How a keyed stream is cut: windows for all keys, or for each key its own.</summary>
internal sealed class Windowing<TKey>
    where TKey : notnull
{
    public Windowing(Window window)
    {
        ArgumentNullException.ThrowIfNull(window);
        Cut = window.Cut;
        GraceTicks = window.GraceTime.Ticks;
    }

    public Windowing(Func<TKey, Window> choose, TimeSpan grace)
    {
        ArgumentNullException.ThrowIfNull(choose);
        Choose = choose;
        GraceTicks = Window.Same.Grace(grace).GraceTime.Ticks;
    }

    /// <summary>The windows of all keys; null where each key has its own.</summary>
    public WindowCut? Cut { get; }

    /// <summary>The windows of each key; null where all have the same.</summary>
    public Func<TKey, Window>? Choose { get; }

    public long GraceTicks { get; }

    public bool IsSession => Cut is SessionCut;

    public bool IsSame => Cut is SameCut;

    public string Text => string.Create(
        CultureInfo.InvariantCulture, $"{Cut?.Text ?? "windows by key"} grace {GraceTicks} ");

    public WindowChoice<TKey, T> ChoiceOf<T>() =>
        Choose is not null ? new KeyChoice<TKey, T>(Choose)
        : IsSame ? new SameChoice<TKey, T>()
        : new TimeChoice<TKey, T>(Cut!);
}

/// <summary>A node whose results have windows.</summary>
internal interface IWindowingNode
{
    /// <summary>Are its windows sessions, whose results come at the window's end and not a tick before?</summary>
    bool IsSession { get; }
}
