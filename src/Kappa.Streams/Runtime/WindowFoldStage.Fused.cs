using Kappa.Streams.Runtime.Fused;

namespace Kappa.Streams.Runtime;

/// <content>What a fused segment in front of it uses.</content>
internal sealed partial class WindowFoldStage<TKey, T, TState> : IWindowFold<TKey, T, TState>
{
    WindowCut IWindowFold<TKey, T, TState>.Cut => _cut;

    long IWindowFold<TKey, T, TState>.GraceTicks => _grace;

    TState IWindowFold<TKey, T, TState>.Seed => _fold.Seed;

    SliceTable<TKey, TState> IWindowFold<TKey, T, TState>.StatesOf(WindowBounds window) => SliceOf(window).States;
}
