namespace Kappa.Streams.Runtime.Fused;

/// <summary>
/// The windows that a stretch of event time falls into, with their states: what most batches need of a fold by windows,
/// kept from batch to batch.
/// </summary>
internal sealed class OpenPane<TKey, T, TState>(IWindowFold<TKey, T, TState> fold)
    where TKey : notnull
{
    private readonly List<WindowBounds> _windows = [];
    private WindowBounds _span;

    /// <summary>The states of its windows, the earliest end first.</summary>
    public SliceTable<TKey, TState>[] Tables { get; private set; } = [];

    /// <summary>
    /// Moves to the windows of a stretch of time; false where it lies in several panes, or one of its windows is
    /// closed.
    /// </summary>
    public bool TryMove(long first, long last, long watermark)
    {
        if (first < _span.Start || first >= _span.End)
        {
            _span = fold.Cut.Pane(first);
            _windows.Clear();
            fold.Cut.Assign(first, _windows);
            Tables = [];
        }

        if (last >= _span.End || _windows.Count == 0 || _windows[0].End + fold.GraceTicks <= watermark)
        {
            return false;
        }

        if (Tables.Length == 0)
        {
            Tables = [.. _windows.Select(fold.StatesOf)];
        }

        return true;
    }
}
