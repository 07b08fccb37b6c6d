using Kappa.Streams.Patterns;

namespace Kappa.Streams.Tests.Patterns;

/// <summary>
/// Rule O5 said by brute force: every choice of events is tried against the pattern's tree, and what lies between two
/// chosen ones is judged by looking at all of it. No automaton, no state carried from event to event.
/// </summary>
internal sealed class PatternOracle(IReadOnlyList<Shape> pattern, IReadOnlyList<Letter> events, TimeSpan? within)
{
    private readonly List<Prefix> _prefixes = [];

    /// <summary>
    /// What can still come: items of a sequence, then what follows the repeat that holds it, and so on.
    /// </summary>
    private sealed record Rest(IReadOnlyList<Shape> Items, int At, Loop? Loop, string Untils);

    /// <summary>The repeat a sequence stands in: how often it has come, and what remains behind it.</summary>
    private sealed record Loop(Shape Item, int Count, Rest Behind, bool IsEmpty);

    /// <summary>One thing that can come next, with all that must hold of what lies between.</summary>
    private sealed record Option(
        Shape? Step, Gap Gap, Rest? Rest, List<Barrier> Barriers, List<Shape> Forbidden, string Untils,
            string StepUntils);

    /// <summary>A NotNext, or a greedy loop with the options behind it.</summary>
    private sealed record Barrier(Shape? NotNext, Shape? Greedy, Gap Gap, string TakeUntils, string GapUntils)
    {
        public List<Option> Behind { get; } = [];
    }

    private sealed record Prefix(List<(int Event, int Step)> Taken, Rest Rest)
    {
        public int Last => Taken[^1].Event;

        public int First => Taken[0].Event;
    }

    private sealed record Decided(Prefix Prefix, DateTimeOffset At, int AfterEvent);

    public List<Found> Matches(Skip skip)
    {
        var start = new Rest(pattern, 0, null, "");
        for (var i = 0; i < events.Count; i++)
        {
            Extend([], start, i - 1, only: i);
        }

        var decided = _prefixes.SelectMany(Decisions).ToList();
        var found = new List<Found>();
        var held = new List<Prefix>();
        var killed = new HashSet<int>();
        foreach (var (at, afterEvent, isTimer) in Moments())
        {
            held.AddRange(decided
                .Where(one => one.At == at && (isTimer ? one.AfterEvent < 0 : one.AfterEvent == afterEvent))
                .Select(one => one.Prefix).Where(prefix => !killed.Contains(prefix.First)));
            held.Sort(Compare);
            held = [.. held.DistinctBy(prefix => string.Join(' ', prefix.Taken))];
            while (held.Count > 0 && (skip.To == SkipTo.None || !IsHeldBack(held[0], killed, at, afterEvent, isTimer)))
            {
                var match = held[0];
                held.RemoveAt(0);
                found.Add(new Found(
                    at, string.Join(' ', match.Taken.Select(taken => events[taken.Event].Id)),
                    string.Join(' ', match.Taken.Select(taken => taken.Step))));
                var keep = KeepFrom(match, skip);
                killed.UnionWith(Enumerable.Range(0, events.Count).Where(i => i < keep));
                held.RemoveAll(prefix => prefix.First < keep);
            }
        }

        return found;
    }

    private static int KeepFrom(Prefix match, Skip skip)
    {
        var ofStep = match.Taken.Where(taken => "s" + taken.Step == skip.Step).Select(taken => taken.Event).ToList();
        return skip.To switch
        {
            SkipTo.PastLast => match.Last + 1,
            SkipTo.Next => match.First + 1,
            SkipTo.First when ofStep.Count > 0 => ofStep[0],
            SkipTo.Last when ofStep.Count > 0 => ofStep[^1],
            _ => -1,
        };
    }

    private static int Compare(Prefix left, Prefix right)
    {
        for (var i = 0; i < Math.Min(left.Taken.Count, right.Taken.Count); i++)
        {
            if (left.Taken[i].Event != right.Taken[i].Event)
            {
                return left.Taken[i].Event.CompareTo(right.Taken[i].Event);
            }
        }

        return left.Taken.Count != right.Taken.Count
            ? left.Taken.Count.CompareTo(right.Taken.Count)
            : left.Taken.Zip(right.Taken).Select(pair => pair.First.Step.CompareTo(pair.Second.Step))
                .FirstOrDefault(order => order != 0);
    }

    /// <summary>Events in their order, and the ends of time behind the events of their own time.</summary>
    private IEnumerable<(DateTimeOffset At, int AfterEvent, bool IsTimer)> Moments()
    {
        var moments = events.Select((one, i) => (one.At, AfterEvent: i, IsTimer: false));
        if (within is { } time)
        {
            moments = moments.Concat(events.Select(one => one.At + time).Distinct()
                .Select(at => (at, AfterEvent: events.Count(one => one.At <= at) - 1, IsTimer: true)));
        }

        return moments.OrderBy(moment => moment.At).ThenBy(moment => moment.IsTimer)
            .ThenBy(moment => moment.AfterEvent);
    }

    private bool IsHeldBack(
        Prefix match, HashSet<int> killed, DateTimeOffset at, int afterEvent, bool isTimer) =>
        _prefixes.Any(prefix => prefix.First < match.First && !killed.Contains(prefix.First)
            && prefix.Last <= afterEvent
            && (within is not { } time || (isTimer ? at < events[prefix.First].At + time
                : at <= events[prefix.First].At + time))
            && IsOpen(prefix, Math.Min(afterEvent, LastInTime(prefix))));

    private int LastInTime(Prefix prefix) => within is not { } time ? events.Count - 1
        : events.Count(one => one.At < events[prefix.First].At + time) - 1;

    private IEnumerable<Decided> Decisions(Prefix prefix)
    {
        var (options, isComplete, ends) = Next(prefix);
        if (isComplete)
        {
            yield return new Decided(prefix, events[prefix.Last].At, prefix.Last);
        }

        var last = LastInTime(prefix);
        foreach (var end in ends)
        {
            var (option, isByTime, isByEvent) = end;
            for (var j = prefix.Last + 1; isByEvent && j <= last; j++)
            {
                if (Phases(option, prefix, j).Contains(option.Barriers.Count))
                {
                    yield return new Decided(prefix, events[j].At, j);
                }
            }

            if (isByTime && within is { } time && Waits(option, prefix, last, isByEvent))
            {
                yield return new Decided(prefix, events[prefix.First].At + time, -1);
            }
        }
    }

    /// <summary>Can anything still come of it, when the events up to one have been seen?</summary>
    private bool IsOpen(Prefix prefix, int upTo)
    {
        var (options, _, ends) = Next(prefix);
        return options.Any(option => Waits(option, prefix, upTo, false))
            || ends.Any(end => Waits(end.Option, prefix, upTo, end.IsByEvent));
    }

    private bool Waits(Option option, Prefix prefix, int upTo, bool endsAtOnce)
    {
        if (upTo == prefix.Last)
        {
            return true;
        }

        var phases = Phases(option, prefix, upTo, out var waiting);
        return waiting.Any(phase => phase < option.Barriers.Count || !endsAtOnce);
    }

    private HashSet<int> Phases(Option option, Prefix prefix, int at) => Phases(option, prefix, at, out _);

    /// <summary>
    /// How many barriers may have been passed when an event is looked at, with that event passed to the last of them;
    /// and behind how many one may go on waiting.
    /// </summary>
    private HashSet<int> Phases(Option option, Prefix prefix, int at, out HashSet<int> waiting)
    {
        var taken = prefix.Taken.Select(one => events[one.Event]).ToList();
        waiting = [0];
        HashSet<int> reached = [];
        for (var i = prefix.Last + 1; i <= at; i++)
        {
            reached = [];
            HashSet<int> stay = [];
            var one = events[i];
            if (!option.Forbidden.Exists(not => not.Holds(one, taken)))
            {
                foreach (var begin in waiting)
                {
                    var phase = begin;
                    for (; phase < option.Barriers.Count; phase++)
                    {
                        var (passes, stays) = Barred(option, option.Barriers[phase], one, taken);
                        stay.UnionWith(stays ? [phase] : []);
                        if (!passes)
                        {
                            break;
                        }
                    }

                    if (phase == option.Barriers.Count && !Ends(option.Untils, one))
                    {
                        reached.Add(phase);
                        var passedOver = option.Gap == Gap.Anything
                            || (option.Gap == Gap.Others && !option.Step!.Holds(one, taken));
                        stay.UnionWith(passedOver ? [phase] : []);
                    }
                }
            }

            waiting = stay;
        }

        return reached;
    }

    private static (bool Passes, bool Stays) Barred(
        Option option, Barrier barrier, Letter one, IReadOnlyList<Letter> taken)
    {
        if (barrier.NotNext is { } not)
        {
            return (!not.Holds(one, taken), false);
        }

        var holds = barrier.Greedy!.Holds(one, taken);
        var takes = holds && !Ends(barrier.TakeUntils, one);
        var ignores = !Ends(barrier.GapUntils, one)
            && (barrier.Gap == Gap.Anything || (barrier.Gap == Gap.Others && !holds));
        var behind = barrier.Behind.Where(next => next.Step is not null).ToList();
        var follows = behind.Exists(next => next.Step!.Holds(one, taken) && !Ends(next.StepUntils, one));
        return option.Step is null
            ? (!takes && !follows, takes && ignores)
            : ((!takes && (follows || behind.Count == 0)) || !(takes || ignores), ignores);
    }

    private static bool Ends(string untils, Letter one) => untils.Contains(one.Name, StringComparison.Ordinal);

    private void Extend(List<(int Event, int Step)> taken, Rest rest, int last, int? only = null)
    {
        var prefix = taken.Count == 0 ? null : new Prefix(taken, rest);
        var options = prefix is null ? Options(rest).Options : Next(prefix).Options;
        foreach (var option in options)
        {
            var from = only ?? last + 1;
            var to = only ?? LastInTime(prefix!);
            for (var j = from; j <= to; j++)
            {
                // What begins a match lies between nothing: only the event itself is looked at.
                var seen = prefix ?? new Prefix([(j - 1, -1)], rest);
                var letters = taken.Select(one => events[one.Event]).ToList();
                if (!option.Step!.Holds(events[j], letters) || Ends(option.StepUntils, events[j])
                    || !(prefix is null ? Begins(option, j) : Phases(option, seen, j).Contains(option.Barriers.Count)))
                {
                    continue;
                }

                List<(int, int)> more = [.. taken, (j, option.Step.Step)];
                var next = new Prefix(more, option.Rest!);
                _prefixes.Add(next);
                Extend(more, option.Rest!, j);
            }
        }
    }

    private bool Begins(Option option, int j) =>
        !option.Forbidden.Exists(not => not.Holds(events[j], []))
        && option.Barriers.TrueForAll(barrier => Barred(option, barrier, events[j], []).Passes);

    private (List<Option> Options, bool IsComplete, List<(Option Option, bool IsByTime, bool IsByEvent)> Ends) Next(
        Prefix prefix)
    {
        var (options, over) = Options(prefix.Rest);
        var tail = pattern.Reverse().TakeWhile(item => item.IsNot).ToList();
        var waits = tail.Exists(item => item.Before != Gap.None);
        var isComplete = false;
        List<(Option, bool, bool)> ends = [];
        foreach (var end in over)
        {
            var barriers = end.Barriers.Where(barrier => barrier.Greedy is not null || tail.Count > 0).ToList();
            if (barriers.Count == 0 && tail.Count == 0)
            {
                isComplete = true;
                continue;
            }

            var option = end with { Barriers = barriers, Gap = waits ? Gap.Anything : Gap.None };
            ends.Add((option, waits || tail.Count == 0, !waits));
        }

        return (options, isComplete, ends);
    }

    /// <summary>All that can come next, and all the ways in which nothing need come any more.</summary>
    private static (List<Option> Options, List<Option> Ends) Options(Rest rest)
    {
        List<Option> options = [];
        List<Option> ends = [];
        Walk(rest, null, [], [], rest.Untils, options, ends);
        return (options, ends);
    }

    private static void Walk(
        Rest rest, Gap? gap, List<Barrier> barriers, List<Shape> forbidden, string untils, List<Option> options,
        List<Option> ends)
    {
        if (rest.At == rest.Items.Count)
        {
            if (rest.Loop is not { } loop)
            {
                AddTo(ends, new Option(null, Gap.None, null, barriers, forbidden, "", ""));
                return;
            }

            AfterOne(loop, barriers, forbidden, untils, options, ends);
            return;
        }

        var item = rest.Items[rest.At];
        var behind = rest with { At = rest.At + 1 };
        if (item.IsNot)
        {
            Walk(behind, null,
                item.Before == Gap.None ? [.. barriers, new Barrier(item, null, Gap.None, "", "")] : barriers,
                item.Before == Gap.None ? forbidden : [.. forbidden, item], untils, options, ends);
            return;
        }

        var before = gap ?? item.Before;
        Enter(item, 1, behind, before, barriers, forbidden, untils, options, ends);
        if (item.IsOptional)
        {
            var own = item.Until ?? "";
            Walk(behind, null, item.IsGreedy
                    ? [.. barriers, new Barrier(null, item, before, rest.Untils + own, rest.Untils)] : barriers,
                forbidden, untils, options, ends);
        }
    }

    /// <summary>One time of an item begins.</summary>
    private static void Enter(
        Shape item, int count, Rest behind, Gap gap, List<Barrier> barriers, List<Shape> forbidden, string untils,
        List<Option> options, List<Option> ends)
    {
        var inside = behind.Untils + (item.Until ?? "");
        var loop = new Loop(item, count, behind, IsEmpty: true);
        if (item.Step < 0)
        {
            Walk(new Rest(item.Group, 0, loop, inside), gap, barriers, forbidden, untils, options, ends);
            return;
        }

        AddTo(options, new Option(
            item, gap, Begun(new Rest([], 0, loop, inside)), barriers, forbidden, untils, inside));
    }

    /// <summary>An event was taken: no repeat around it is empty any more.</summary>
    private static Rest Begun(Rest rest) => rest.Loop is { } loop
        ? rest with { Loop = loop with { IsEmpty = false, Behind = Begun(loop.Behind) } }
        : rest;

    /// <summary>One time of an item is over: it may come again, and it may be left.</summary>
    private static void AfterOne(
        Loop loop, List<Barrier> barriers, List<Shape> forbidden, string untils, List<Option> options,
        List<Option> ends)
    {
        var item = loop.Item;
        if (loop.IsEmpty && item.IsOptional)
        {
            // Left out is left out: that it could also come without an event adds nothing.
            return;
        }

        var canGoOn = loop.Count < item.Max;
        var canLeave = loop.Count >= item.Min;
        var inside = loop.Behind.Untils + (item.Until ?? "");
        if (canGoOn)
        {
            var nots = loop.Behind.Items.Skip(loop.Behind.At).TakeWhile(one => one.IsNot).ToList();
            Enter(item, loop.Count + 1, loop.Behind, item.Inner,
                [.. barriers, .. nots.Where(not => not.Before == Gap.None && canLeave)
                    .Select(not => new Barrier(not, null, Gap.None, "", ""))],
                [.. forbidden, .. nots.Where(not => not.Before != Gap.None)], inside, options, ends);
        }

        if (canLeave)
        {
            Walk(loop.Behind, null, item.IsGreedy && canGoOn
                    ? [.. barriers, new Barrier(null, item, item.Inner, inside, inside)] : barriers,
                forbidden, loop.Behind.Untils, options, ends);
        }
    }

    private static void AddTo(List<Option> list, Option option)
    {
        list.Add(option);
        foreach (var barrier in option.Barriers)
        {
            barrier.Behind.Add(option);
        }
    }
}
