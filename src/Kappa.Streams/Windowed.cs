namespace Kappa.Streams;

/// <summary>The final result of one key's window; its event time is the window's end − 1 tick (rule T6).</summary>
public readonly record struct Windowed<TKey, TValue>(TKey Key, WindowSpan Window, TValue Value);

/// <summary>A window of event time: start inclusive, end exclusive.</summary>
public readonly record struct WindowSpan(DateTimeOffset Start, DateTimeOffset End);
