namespace Kappa.Streams.Runtime.Fused;

/// <summary>A fold by windows whose states a fused segment changes itself.</summary>
internal interface IWindowFold<TKey, T, TState> : IKeyedReceiver<TKey, T>, IStage
    where TKey : notnull
{
    /// <summary>How it cuts.</summary>
    WindowCut Cut { get; }

    /// <summary>How long after its end a window stays open, in ticks.</summary>
    long GraceTicks { get; }

    /// <summary>Where each window begins.</summary>
    TState Seed { get; }

    /// <summary>The states of a window that is still open.</summary>
    SliceTable<TKey, TState> StatesOf(WindowBounds window);
}
