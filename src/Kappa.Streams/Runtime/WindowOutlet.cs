using Kappa.Tables;

namespace Kappa.Streams.Runtime;

/// <summary>When the windows of a stage close, and at which time their results are.</summary>
/// <param name="GraceTicks">How long after its end a window stays open.</param>
/// <param name="IsSession">Windows of sessions close beyond their end, and their results are at it; of others both are
/// a tick earlier (rules T4 and T6).</param>
internal readonly record struct WindowRules(long GraceTicks, bool IsSession)
{
    /// <summary>A window is closed when the watermark is at its end plus this.</summary>
    public long ClosesAfter => GraceTicks + (IsSession ? 1 : 0);

    /// <summary>The event time of a window's result.</summary>
    public long TimeOf(WindowBounds window) => IsSession ? window.End : window.End - 1;
}

/// <summary>What becomes of the states of windows: rows while they are open, results when they close.</summary>
internal sealed class WindowOutlet<TKey, T, TState, TResult>(
    StageName name, SegmentInstance instance, WindowRules rules, Aggregation<T, TState, TResult> fold,
    FoldOutlets<TKey, Windowed<TKey, TResult>> outlets)
    where TKey : notnull
{
    private readonly KeyCell<TKey> _keys = (KeyCell<TKey>)instance.Keys!;
    private readonly TableChanges _closed = new();
    private readonly RowBuffer<TKey, TResult> _rows = new(windowed: true);

    public bool HasTables => outlets.Tables.Length > 0;

    /// <summary>Does anybody follow the changes of open windows?</summary>
    public bool HasChanges => outlets.Changes is not null;

    /// <summary>Does closing leave more than rows, so that the order of keys counts?</summary>
    public bool IsOrdered => outlets.Next is not null || fold.MayResultFail;

    /// <summary>Says that a window's value changed. States are of before and after; null: there is none.</summary>
    public void Changed(TKey key, WindowBounds window, TResult? result, int sign)
    {
        if (result is not null)
        {
            outlets.Changes!.Receive(
                key, new Change<Windowed<TKey, TResult>>(new(key, SpanOf(window), result), sign), rules.TimeOf(window));
        }
    }

    /// <summary>Takes the row of a window away.</summary>
    public void Remove(TKey key, WindowBounds window)
    {
        foreach (var table in outlets.Tables)
        {
            _closed.Remove(table, _rows.Key(key, window));
        }
    }

    /// <summary>The rows of closed windows, and those taken away; they come before those of open ones.</summary>
    public void Collect(TableChanges into) => into.Take(_closed);

    /// <summary>
    /// Puts the row of an open window. A result that throws has none yet; the closing tells the error.
    /// </summary>
    public void Show(TableChanges into, TKey key, WindowBounds window, TState state)
    {
        TResult? result;
        try
        {
            result = fold.Result(state);
        }
        catch (Exception error) when (UserCode.MayFail(error))
        {
            Take(into, key, window);
            return;
        }

        Put(into, key, window, result, isFinal: false);
    }

    /// <summary>Puts the final row of a window that nobody else waits for.</summary>
    public void Close(TKey key, WindowBounds window, TState state) =>
        Put(_closed, key, window, fold.Result(state), isFinal: true);

    /// <summary>Puts the final row and sends the result on, in its turn of timers.</summary>
    public void Close(in Firing firing, TKey key, WindowBounds window, TState state)
    {
        _keys.Value = key;
        instance.Clock.AtTimer(firing, name.Number, window.Start);
        TResult result;
        try
        {
            result = fold.Result(state);
        }
        catch (Exception error) when (UserCode.MayFail(error))
        {
            Remove(key, window);
            instance.Side.Dead(name.Label, rules.TimeOf(window), error);
            return;
        }

        Put(_closed, key, window, result, isFinal: true);
        if (outlets.Next is not null && result is not null)
        {
            outlets.Next.Receive(new Windowed<TKey, TResult>(key, SpanOf(window), result), rules.TimeOf(window));
        }
    }

    private static WindowSpan SpanOf(WindowBounds window) =>
        new(new DateTimeOffset(window.Start, TimeSpan.Zero), new DateTimeOffset(window.End, TimeSpan.Zero));

    private void Put(TableChanges into, TKey key, WindowBounds window, TResult result, bool isFinal)
    {
        if (HasTables)
        {
            _rows.Put(into, outlets.Tables, key, window, result, isFinal);
        }
    }

    private void Take(TableChanges into, TKey key, WindowBounds window)
    {
        foreach (var table in outlets.Tables)
        {
            into.Remove(table, _rows.Key(key, window));
        }
    }
}
