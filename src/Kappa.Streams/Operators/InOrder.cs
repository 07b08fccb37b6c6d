using Kappa.Streams.Runtime;

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

        if (state.Add(context.EventTicks, then(value), value))
        {
            context.SetTimer(context.EventTime);
        }
    }

    public override void OnTimer(ProcessContext<T> context, TKey key, ref Pending<T, TThen> state, DateTimeOffset due)
    {
        foreach (var value in state.Take(due.UtcTicks))
        {
            context.Emit(value);
        }
    }
}

/// <summary>Values waiting for the watermark, by event time.</summary>
internal sealed class Pending<T, TThen> : IKeyedState
    where TThen : IComparable<TThen>
{
    // Texts compare ordinally: the order of a culture differs from one machine's tables to another's.
    private static readonly IComparer<TThen> Order =
        StringComparer.Ordinal as IComparer<TThen> ?? Comparer<TThen>.Default;

    private readonly Dictionary<long, List<(TThen Then, T Value)>> _byTime = [];

    public bool IsEmpty => _byTime.Count == 0;

    /// <summary>Adds a value; true where it is the first of its time.</summary>
    public bool Add(long time, TThen then, T value)
    {
        if (_byTime.TryGetValue(time, out var values))
        {
            values.Add((then, value));
            return false;
        }

        _byTime.Add(time, [(then, value)]);
        return true;
    }

    /// <summary>
    /// Takes the values of a time; equal ones stay in order of arrival, which is the order of their places.
    /// </summary>
    public IEnumerable<T> Take(long time) => _byTime.Remove(time, out var values)
        ? values.OrderBy(pair => pair.Then, Order).Select(pair => pair.Value)
        : [];

    public void Save(StateWriter into)
    {
        into.Write(_byTime.Count);
        foreach (var (time, values) in _byTime)
        {
            into.Write(time);
            into.Write(values.Count);
            foreach (var (then, value) in values)
            {
                StateCodec<TThen>.Write(into, then);
                StateCodec<T>.Write(into, value);
            }
        }
    }

    public void Load(StateReader from)
    {
        for (var times = from.ReadInt32(); times > 0; times--)
        {
            var time = from.ReadInt64();
            for (var count = from.ReadInt32(); count > 0; count--)
            {
                Add(time, StateCodec<TThen>.Read(from), StateCodec<T>.Read(from));
            }
        }
    }
}
