using Kappa.Streams.Runtime;

namespace Kappa.Streams.Operators;

/// <summary>
/// Drops a value iff one with the same id passed at an event time at most <c>within</c> away (rule O4). A value is late
/// iff W &gt; its time + within (rule T5). An id seen at t can matter to no value on time once W &gt; t + 2 × within,
/// and is forgotten then.
/// </summary>
internal sealed class Distinct<TKey, T, TId>(Func<T, TId> id, TimeSpan within) : Process<TKey, T, Seen<TId>, T>
    where TKey : notnull
    where TId : notnull
{
    public override Seen<TId> Seed => new();

    public override void OnRecord(ProcessContext<T> context, TKey key, ref Seen<TId> state, T value)
    {
        var time = context.EventTicks;
        if (context.WatermarkTicks > time + within.Ticks)
        {
            context.Late();
            return;
        }

        var identity = id(value);
        if (identity is null)
        {
            throw new InvalidOperationException("The id given to Distinct is null.");
        }

        if (state.Pass(identity, time, within.Ticks))
        {
            // What can be forgotten at no time there is, is kept.
            if (time + (2 * within.Ticks) <= DateTimeOffset.MaxValue.UtcTicks)
            {
                context.SetTimer(context.EventTime + (2 * within));
            }

            context.Emit(value);
        }
    }

    public override void OnTimer(ProcessContext<T> context, TKey key, ref Seen<TId> state, DateTimeOffset due) =>
        state.Forget(due.UtcTicks - (2 * within.Ticks));
}

/// <summary>Ids seen, with the event times at which they passed.</summary>
internal sealed class Seen<TId> : IKeyedState
    where TId : notnull
{
    private readonly Dictionary<TId, List<long>> _times = [];
    private readonly Dictionary<long, List<TId>> _ids = [];

    public bool IsEmpty => _times.Count == 0;

    /// <summary>Notes an id and returns true, unless one passed near enough.</summary>
    public bool Pass(TId id, long time, long within)
    {
        if (!_times.TryGetValue(id, out var times))
        {
            _times.Add(id, times = []);
        }

        foreach (var passed in times)
        {
            if (Math.Abs(passed - time) <= within)
            {
                return false;
            }
        }

        Note(id, time, times);
        return true;
    }

    /// <summary>Forgets what passed at a time.</summary>
    public void Forget(long time)
    {
        if (!_ids.Remove(time, out var ids))
        {
            return;
        }

        foreach (var id in ids)
        {
            var times = _times[id];
            times.Remove(time);
            if (times.Count == 0)
            {
                _times.Remove(id);
            }
        }
    }

    public void Save(StateWriter into)
    {
        into.Write(_times.Count);
        foreach (var (id, times) in _times)
        {
            StateCodec<TId>.Write(into, id);
            into.Write(times.Count);
            foreach (var time in times)
            {
                into.Write(time);
            }
        }
    }

    public void Load(StateReader from)
    {
        for (var ids = from.ReadInt32(); ids > 0; ids--)
        {
            var id = StateCodec<TId>.Read(from);
            var times = new List<long>();
            _times.Add(id, times);
            for (var count = from.ReadInt32(); count > 0; count--)
            {
                Note(id, from.ReadInt64(), times);
            }
        }
    }

    private void Note(TId id, long time, List<long> times)
    {
        times.Add(time);
        if (!_ids.TryGetValue(time, out var ids))
        {
            _ids.Add(time, ids = []);
        }

        ids.Add(id);
    }
}
