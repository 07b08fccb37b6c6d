using Kappa.Streams.Runtime.Fused;

namespace Kappa.Streams.Runtime;

/// <content>What a fused segment in front of it uses.</content>
internal sealed partial class WindowFoldStage<TKey, T, TState, TResult> : IWindowFold<TKey, T, TState>
{
    WindowCut? IWindowFold<TKey, T, TState>.Cut => (_choice as TimeChoice<TKey, T>)?.Cut;

    bool IWindowFold<TKey, T, TState>.HasChanges => _outlet.HasChanges;

    long IWindowFold<TKey, T, TState>.ClosesAfter => _closesAfter;

    TState IWindowFold<TKey, T, TState>.Seed => _fold.Seed;

    Delegate IWindowFold<TKey, T, TState>.Next => _fold.Next;

    KeyedStates<TKey, TState> IWindowFold<TKey, T, TState>.StatesOf(WindowBounds window) => SliceOf(window).States;
}
