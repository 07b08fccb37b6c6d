namespace Kappa.Streams.Patterns;

/// <summary>An event of a key that some unfinished match has taken.</summary>
/// <param name="Number">Its number among these: what decides which came first.</param>
/// <param name="Time">Its event time, in ticks.</param>
/// <param name="Value">The event.</param>
internal sealed record TakenEvent<T>(long Number, long Time, T Value);

/// <summary>
/// An event taken for a step, behind what was taken before. Immutable, so that matches that part ways share what they
/// had in common.
/// </summary>
internal sealed class Taken<T>(TakenEvent<T> taken, int step, Taken<T>? before)
{
    public TakenEvent<T> Event { get; } = taken;

    public int Step { get; } = step;

    public Taken<T>? Before { get; } = before;

    public int Length { get; } = (before?.Length ?? 0) + 1;

    public TakenEvent<T> First { get; } = before?.First ?? taken;

    /// <summary>The events taken for a step, in order; −1: for any.</summary>
    public static IReadOnlyList<T> Of(Taken<T>? last, int step)
    {
        var count = 0;
        for (var taken = last; taken is not null; taken = taken.Before)
        {
            count += step < 0 || taken.Step == step ? 1 : 0;
        }

        var values = count == 0 ? [] : new T[count];
        for (var taken = last; count > 0; taken = taken!.Before)
        {
            if (step < 0 || taken!.Step == step)
            {
                values[--count] = taken!.Event.Value;
            }
        }

        return values;
    }

    /// <summary>
    /// The order in which matches decided at once come out: by their first events, then by the second ones, and so on;
    /// those of the same events by their steps.
    /// </summary>
    public static int Compare(Taken<T> left, Taken<T> right)
    {
        if (left.First.Number != right.First.Number)
        {
            return left.First.Number.CompareTo(right.First.Number);
        }

        var (a, b) = (left.Path(), right.Path());
        for (var i = 0; i < a.Length && i < b.Length; i++)
        {
            if (a[i].Event.Number != b[i].Event.Number)
            {
                return a[i].Event.Number.CompareTo(b[i].Event.Number);
            }
        }

        if (a.Length != b.Length)
        {
            return a.Length.CompareTo(b.Length);
        }

        for (var i = 0; i < a.Length; i++)
        {
            if (a[i].Step != b[i].Step)
            {
                return a[i].Step.CompareTo(b[i].Step);
            }
        }

        return 0;
    }

    private Taken<T>[] Path()
    {
        var path = new Taken<T>[Length];
        for (var taken = this; taken is not null; taken = taken.Before)
        {
            path[taken.Length - 1] = taken;
        }

        return path;
    }
}
