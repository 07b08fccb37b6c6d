using Kappa.Streams.Patterns;

namespace Kappa.Streams.Operators;

/// <summary>
/// Finds the matches of a pattern in each key's events, which come in order (rules O5 and T9). A match has the time of
/// the event that decided it, an absence that of its deadline (rule T6): its first event's time + within, at which a
/// timer fires behind the events of that time (rule T4). Predicates run before anything changes, so that a throw
/// undoes.
/// </summary>
internal sealed class Detect<TKey, T>(Automaton<T> automaton) : Process<TKey, T, Runs<T>, Match<T>>
    where TKey : notnull
{
    private readonly Matcher<T> _matcher = new(automaton);

    public override Runs<T> Seed => Runs<T>.Empty;

    public override void OnRecord(ProcessContext<Match<T>> context, TKey key, ref Runs<T> state, T value)
    {
        var next = _matcher.Advance(state, value, context.EventTicks);
        SetTimers(context, state, next);
        state = Release(context, next);
    }

    public override void OnTimer(
        ProcessContext<Match<T>> context, TKey key, ref Runs<T> state, DateTimeOffset due)
    {
        state = Release(context, _matcher.Expire(state, due.UtcTicks));
        if (!automaton.DecidesByTime && state.Open.Length > 0)
        {
            SetTimer(context, state.Open[0]);
        }
    }

    // Where the end of time decides nothing it only frees memory, and one timer for the earliest run is enough.
    private void SetTimers(ProcessContext<Match<T>> context, Runs<T> before, Runs<T> next)
    {
        if (ReferenceEquals(before, next) || next.Open.Length == 0)
        {
            return;
        }

        if (!automaton.DecidesByTime)
        {
            if (before.Open.Length == 0)
            {
                SetTimer(context, next.Open[0]);
            }
        }
        else if (next.Open[^1].Last.First.Number == before.NextNumber)
        {
            SetTimer(context, next.Open[^1]);
        }
    }

    private void SetTimer(ProcessContext<Match<T>> context, Run<T> run)
    {
        var first = run.Last.First.Time;
        if (automaton.Within <= DateTimeOffset.MaxValue.UtcTicks - first)
        {
            context.SetTimer(new DateTimeOffset(first + automaton.Within, TimeSpan.Zero));
        }
    }

    private Runs<T> Release(ProcessContext<Match<T>> context, Runs<T> runs)
    {
        var complete = _matcher.Complete;
        if (complete.Count > 1)
        {
            Order(complete);
        }

        if (automaton.Skip.To == SkipTo.None)
        {
            foreach (var last in complete)
            {
                context.Emit(new Match<T>(automaton.Steps, last));
            }

            return runs;
        }

        return complete.Count > 0 || runs.Held.Length > 0 ? Skipping(context, runs) : runs;
    }

    /// <summary>
    /// Lets out, in order, the matches before which no unfinished one began; each drops what it skips.
    /// </summary>
    private Runs<T> Skipping(ProcessContext<Match<T>> context, Runs<T> runs)
    {
        var open = runs.Open.ToList();
        List<Taken<T>> held = [.. runs.Held, .. _matcher.Complete];
        Order(held);
        var isChanged = _matcher.Complete.Count > 0;
        while (held.Count > 0 && (open.Count == 0 || held[0].First.Number <= open[0].Last.First.Number))
        {
            var match = held[0];
            held.RemoveAt(0);
            isChanged = true;
            context.Emit(new Match<T>(automaton.Steps, match));
            var keep = KeepFrom(match);
            open.RemoveAll(run => run.Last.First.Number < keep);
            held.RemoveAll(other => other.First.Number < keep);
        }

        return isChanged ? Runs<T>.Of([.. open], [.. held], runs.NextNumber) : runs;
    }

    /// <summary>What began with an event before this number is dropped.</summary>
    private long KeepFrom(Taken<T> match) => automaton.Skip.To switch
    {
        SkipTo.PastLast => match.Event.Number + 1,
        SkipTo.Next => match.First.Number + 1,
        SkipTo.First => NumberOf(match, isFirst: true),
        _ => NumberOf(match, isFirst: false),
    };

    private long NumberOf(Taken<T> match, bool isFirst)
    {
        var number = long.MinValue;
        for (Taken<T>? taken = match; taken is not null; taken = taken.Before)
        {
            if (taken.Step == automaton.SkipStep)
            {
                number = taken.Event.Number;
                if (!isFirst)
                {
                    break;
                }
            }
        }

        return number;
    }

    /// <summary>Puts matches in order; those of the same events for the same steps are one.</summary>
    private static void Order(List<Taken<T>> matches)
    {
        matches.Sort(Taken<T>.Compare);
        for (var i = matches.Count - 1; i > 0; i--)
        {
            if (Taken<T>.Compare(matches[i], matches[i - 1]) == 0)
            {
                matches.RemoveAt(i);
            }
        }
    }
}
