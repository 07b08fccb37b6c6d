namespace Kappa.Streams.Runtime.Fused;

/// <summary>A fold by windows whose states a fused segment changes itself.</summary>
internal interface IWindowFold<TKey, T, TState> : IKeyedReceiver<TKey, T>, IStage
    where TKey : notnull
{
    /// <summary>How it cuts; null where each key has its own windows, or each value.</summary>
    WindowCut? Cut { get; }

    /// <summary>Does anybody follow the changes of open windows?</summary>
    bool HasChanges { get; }

    /// <summary>A window is closed when the watermark is at its end plus so many ticks.</summary>
    long ClosesAfter { get; }

    /// <summary>Where each window begins.</summary>
    TState Seed { get; }

    /// <summary>The next state from the last one and a value.</summary>
    Delegate Next { get; }

    /// <summary>The states of a window that is still open.</summary>
    KeyedStates<TKey, TState> StatesOf(WindowBounds window);
}
