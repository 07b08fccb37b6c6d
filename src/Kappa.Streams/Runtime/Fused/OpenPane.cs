namespace Kappa.Streams.Runtime.Fused;

/// <summary>The windows that a stretch of event time falls into, kept from batch to batch.</summary>
internal sealed class OpenPane(WindowCut cut, long closesAfter)
{
    private readonly List<WindowBounds> _windows = [];
    private WindowBounds _span;

    /// <summary>The windows, the earliest end first.</summary>
    public IReadOnlyList<WindowBounds> Windows => _windows;

    /// <summary>How many times it has moved to other windows.</summary>
    public int Moves { get; private set; }

    /// <summary>
    /// Moves to the windows of a stretch of time; false where it lies in several panes, or one of its windows is
    /// closed.
    /// </summary>
    public bool TryMove(long first, long last, long watermark)
    {
        if (first < _span.Start || first >= _span.End)
        {
            _span = cut.Pane(first);
            _windows.Clear();
            cut.Assign(first, _windows);
            Moves++;
        }

        return last < _span.End && _windows.Count > 0 && _windows[0].End + closesAfter > watermark;
    }
}
