namespace Kappa.Streams;

/// <summary>
/// The result of one key's window; its event time is the window's end − 1 tick, of a session its end (rule T6).
/// </summary>
/// <param name="Key">The key.</param>
/// <param name="Window">The window.</param>
/// <param name="Value">The result.</param>
public readonly record struct Windowed<TKey, TValue>(TKey Key, WindowSpan Window, TValue Value) : IWindowed
{
    /// <inheritdoc/>
    WindowSpan IWindowed.Span => Window;
}

/// <summary>What has a window.</summary>
internal interface IWindowed
{
    WindowSpan Span { get; }
}

/// <summary>A window of event time: start inclusive, end exclusive.</summary>
public readonly record struct WindowSpan(DateTimeOffset Start, DateTimeOffset End);
