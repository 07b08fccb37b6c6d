namespace Kappa.Streams.Operators;

/// <summary>
/// Gives each key's values in order of (event time, then, place), each released like a timer at its own time (rule T9).
/// A value is late iff its time is before the watermark (rule T5).
/// </summary>
internal sealed class InOrder<TKey, T, TThen>(Func<T, TThen> then) : Process<TKey, T, Pending<T, TThen>, T>
    where TKey : notnull
    where TThen : IComparable<TThen>
{
    public override Pending<T, TThen> Seed => new();

    public override void OnRecord(ProcessContext<T> context, TKey key, ref Pending<T, TThen> state, T value)
    {
        if (context.EventTicks < context.WatermarkTicks)
        {
            context.Late();
            return;
        }

        state.Add(context.EventTicks, then(value), value);
        context.SetTimer(context.EventTime);
    }

    public override void OnTimer(ProcessContext<T> context, TKey key, ref Pending<T, TThen> state, DateTimeOffset due)
    {
        while (state.TryTake(due.UtcTicks, out var value))
        {
            context.Emit(value);
        }
    }
}
