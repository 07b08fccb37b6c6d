using Kappa.Streams.Runtime;

namespace Kappa.Streams.Patterns;

/// <summary>An unfinished match: what it took, where it stands, and the ways still open.</summary>
internal sealed record Run<T>(int Spot, ulong Ways, Taken<T> Last);

/// <summary>
/// A key's unfinished matches in order of their first events, and the complete ones that wait for an earlier one to
/// end. Immutable: what an event changes is a new one, so that a throw undoes by forgetting.
/// </summary>
internal sealed class Runs<T> : IKeyedState
{
    public static readonly Runs<T> Empty = new();

    public Run<T>[] Open { get; private set; } = [];

    public Taken<T>[] Held { get; private set; } = [];

    /// <summary>The number of the next event that is taken.</summary>
    public long NextNumber { get; private set; }

    public bool IsEmpty => Open.Length == 0 && Held.Length == 0;

    public static Runs<T> Of(Run<T>[] open, Taken<T>[] held, long nextNumber) =>
        open.Length == 0 && held.Length == 0 ? Empty : new() { Open = open, Held = held, NextNumber = nextNumber };

    public void Save(StateWriter into)
    {
        // What runs share is written once, in the order in which the runs come upon it.
        var taken = new List<Taken<T>>();
        var events = new List<TakenEvent<T>>();
        var numbers = new Dictionary<object, int>(ReferenceEqualityComparer.Instance);
        foreach (var last in Open.Select(run => run.Last).Concat(Held))
        {
            Number(last, taken, events, numbers);
        }

        into.Write(NextNumber);
        into.Write(events.Count);
        foreach (var one in events)
        {
            into.Write(one.Number);
            into.Write(one.Time);
            StateCodec<T>.Write(into, one.Value);
        }

        into.Write(taken.Count);
        foreach (var one in taken)
        {
            into.Write(numbers[one.Event]);
            into.Write(one.Step);
            into.Write(one.Before is null ? -1 : numbers[one.Before]);
        }

        into.Write(Open.Length);
        foreach (var run in Open)
        {
            into.Write(run.Spot);
            into.Write(unchecked((long)run.Ways));
            into.Write(numbers[run.Last]);
        }

        into.Write(Held.Length);
        foreach (var last in Held)
        {
            into.Write(numbers[last]);
        }
    }

    public void Load(StateReader from)
    {
        NextNumber = from.ReadInt64();
        var events = new TakenEvent<T>[from.ReadInt32()];
        for (var i = 0; i < events.Length; i++)
        {
            events[i] = new TakenEvent<T>(from.ReadInt64(), from.ReadInt64(), StateCodec<T>.Read(from));
        }

        var taken = new Taken<T>[from.ReadInt32()];
        for (var i = 0; i < taken.Length; i++)
        {
            var one = events[from.ReadInt32()];
            var step = from.ReadInt32();
            taken[i] = new Taken<T>(one, step, from.ReadInt32() is >= 0 and var before ? taken[before] : null);
        }

        var open = new Run<T>[from.ReadInt32()];
        for (var i = 0; i < open.Length; i++)
        {
            open[i] = new Run<T>(from.ReadInt32(), unchecked((ulong)from.ReadInt64()), taken[from.ReadInt32()]);
        }

        var held = new Taken<T>[from.ReadInt32()];
        for (var i = 0; i < held.Length; i++)
        {
            held[i] = taken[from.ReadInt32()];
        }

        (Open, Held) = (open, held);
    }

    private static void Number(
        Taken<T> last, List<Taken<T>> taken, List<TakenEvent<T>> events, Dictionary<object, int> numbers)
    {
        var unseen = new Stack<Taken<T>>();
        for (Taken<T>? one = last; one is not null && !numbers.ContainsKey(one); one = one.Before)
        {
            unseen.Push(one);
        }

        foreach (var one in unseen)
        {
            numbers.Add(one, taken.Count);
            taken.Add(one);
            if (numbers.TryAdd(one.Event, events.Count))
            {
                events.Add(one.Event);
            }
        }
    }
}
