using System.Collections.Immutable;

namespace Kappa.Streams.Patterns;

/// <summary>
/// Makes the automaton of a pattern: a spot for every time a step can come, and a way for every two spots that can
/// follow on each other, with all that is said of what lies between.
/// </summary>
internal sealed class AutomatonBuilder<T>
{
    private const int MostSpots = 20_000;
    private const int MostWays = 64;

    private readonly Pattern<T> _pattern;
    private readonly Steps<T> _steps;
    private readonly Dictionary<Step<T>, (int Step, int Condition)> _known = [];
    private readonly Dictionary<Condition<T>, int> _untils = new(ReferenceEqualityComparer.Instance);
    private readonly List<Condition<T>> _conditions = [];
    private readonly List<Spot> _spots = [];

    private AutomatonBuilder(Pattern<T> pattern)
    {
        _pattern = pattern;
        _steps = new Steps<T>(pattern.ToString());
    }

    public static Automaton<T> Build(Pattern<T> pattern)
    {
        var builder = new AutomatonBuilder<T>(pattern);
        builder.Number(pattern.Links);
        builder.Check();
        return builder.Make();
    }

    private Automaton<T> Make()
    {
        _spots.Add(new Spot { Step = -1, Condition = -1, Untils = [] });
        var tail = _pattern.Links.Reverse().TakeWhile(link => link.IsNot).Reverse().ToList();
        var body = _pattern.Links.RemoveRange(_pattern.Links.Length - tail.Count, tail.Count);
        var whole = Sequence(body, Contiguity.Strict, [], tail);
        Connect([new Exit(Automaton<T>.Start, [], [])], whole.Entries, null, []);
        foreach (var exit in whole.Exits)
        {
            Finish(exit, tail);
        }

        foreach (var spot in _spots.Where(spot => spot.Ways.Count > MostWays))
        {
            throw _pattern.Wrong(
                $"from one step {spot.Ways.Count} ways lead on; allowed are {MostWays}.",
                "Leave fewer steps in a row optional, or make two patterns of it.");
        }

        var skip = _pattern.AfterMatchSkip;
        return new Automaton<T>
        {
            Spots = [.. _spots],
            Conditions = [.. _conditions],
            Steps = _steps,
            Within = _pattern.Time!.Length?.Ticks ?? long.MaxValue,
            MaxRuns = _pattern.Time.MaxRuns,
            DecidesByTime = skip.To != SkipTo.None || _spots.Exists(spot => spot.Ways.Exists(way => way.IsByTime)),
            Skip = skip,
            SkipStep = skip.Step is null ? -1 : _steps.Find(skip.Step),
        };
    }

    private void Number(ImmutableArray<Link<T>> links)
    {
        foreach (var part in links.Select(link => link.Part))
        {
            if (part.Step is { } step)
            {
                _conditions.Add(step.Condition);
                _known[step] = (_steps.Add(step.Name), _conditions.Count - 1);
            }

            Number(part.Group);
            if (part.Until is { } until)
            {
                _conditions.Add(until);
                _untils[until] = _conditions.Count - 1;
            }
        }
    }

    private void Check()
    {
        if (_pattern.Time is not { } within)
        {
            throw _pattern.Wrong(
                "it has no Within: unfinished matches would stay for ever.",
                "End it with Within(time), or with Within(Within.Unbounded(maxRuns)).");
        }

        if (_pattern.Links[^1] is { IsNot: true, Contiguity: not Contiguity.Strict } && within.Length is null)
        {
            throw _pattern.Wrong(
                "it ends with NotFollowedBy and is never over.",
                "Say how long is waited: Within(time) instead of Within.Unbounded.");
        }

        if (_pattern.AfterMatchSkip.Step is { } step && !_steps.Has(step))
        {
            throw _pattern.Wrong($"AfterMatch skips to the step '{step}', which is no part of it.",
                "Skip to one of the pattern's steps, or Skip.PastLast.");
        }
    }

    /// <summary>
    /// What a match needs at its end: nothing, an event that ends a greedy loop, or the end of its time.
    /// </summary>
    private void Finish(Exit exit, List<Link<T>> tail)
    {
        ImmutableArray<Gate> gates = [.. exit.Gates.Where(gate => gate is GreedyGate || tail.Count > 0)];
        exit = exit with { Gates = gates };
        exit = tail.Aggregate(exit, Behind);
        if (exit.Gates.IsEmpty && tail.Count == 0)
        {
            _spots[exit.Spot].IsAccepting = true;
            return;
        }

        // An event that decides a match by not coming is waited for; one that decides by coming ends the wait at once.
        var waits = tail.Any(link => link.Contiguity != Contiguity.Strict);
        AddWays(
            exit, Automaton<T>.End, waits ? Contiguity.Any : Contiguity.Strict, [], exit.Forbidden,
            isByTime: waits || tail.Count == 0);
    }

    private Fragment Sequence(
        ImmutableArray<Link<T>> links, Contiguity leading, ImmutableArray<int> untils, List<Link<T>> behind)
    {
        List<Entry> entries = [];
        List<Exit> exits = [];
        var passed = new Exit(Automaton<T>.Start, [], []);
        var isPassable = true;
        for (var i = 0; i < links.Length; i++)
        {
            if (links[i].IsNot)
            {
                exits = [.. exits.Select(exit => Behind(exit, links[i]))];
                passed = Behind(passed, links[i]);
                continue;
            }

            var nots = links.Skip(i + 1).TakeWhile(link => link.IsNot).ToList();
            nots = i + 1 + nots.Count == links.Length ? [.. nots, .. behind] : nots;
            var contiguity = i == 0 ? leading : links[i].Contiguity;
            var part = Element(links[i].Part, contiguity, untils, nots);
            Connect(exits, part.Entries, null, untils);
            if (isPassable)
            {
                entries.AddRange(part.Entries.Select(entry => new Entry(
                    entry.Spot, entry.Contiguity, entry.IsLeading && i == 0, [.. passed.Gates, .. entry.Gates],
                    [.. passed.Forbidden, .. entry.Forbidden])));
            }

            var over = part.IsNullable
                ? exits.Select(exit => exit with { Gates = [.. exit.Gates, .. part.PassGates] })
                : [];
            exits = [.. part.Exits, .. over];
            isPassable &= part.IsNullable;
            passed = passed with { Gates = [.. passed.Gates, .. part.PassGates] };
        }

        return new Fragment(entries, exits, isPassable, passed.Gates);
    }

    private Fragment Element(
        Part<T> part, Contiguity outer, ImmutableArray<int> around, List<Link<T>> nots)
    {
        ImmutableArray<int> own = part.Until is { } until ? [_untils[until]] : [];
        ImmutableArray<int> untils = [.. around, .. own];
        var isLoop = part.Max == Part<T>.Unlimited;
        var copies = isLoop ? part.Min : part.Max;
        IReadOnlyList<Entry>? entries = null;
        List<Exit> exits = [];
        List<Exit> last = [];
        for (var copy = 1; copy <= copies; copy++)
        {
            var contiguity = copy == 1 ? outer : part.Inner;
            var body = part.Step is { } step
                ? Single(step, contiguity, untils)
                : Sequence(part.Group, contiguity, untils, []);
            Connect(last, body.Entries, null, untils);
            entries ??= body.Entries;
            if (copy >= part.Min)
            {
                var canGoOn = isLoop || copy < copies;
                exits.AddRange(part.IsGreedy && canGoOn
                    ? body.Exits.Select(exit => exit with { Gates = [.. exit.Gates, LoopGate(part, untils)] })
                    : body.Exits);
            }

            // What must not follow a repeated step must not lie between two of its times either.
            last = [.. body.Exits.Select(exit => nots
                .Where(link => link.Contiguity != Contiguity.Strict || copy >= part.Min)
                .Aggregate(exit, Behind))];
            if (isLoop && copy == copies)
            {
                Connect(last, body.Entries, part.Inner, untils);
            }
        }

        ImmutableArray<Gate> over = part.IsGreedy && part.IsOptional
            ? [new GreedyGate(_known[part.Step!].Condition, untils, outer, around)]
            : [];
        return new Fragment(entries!, exits, part.IsNullable, over);
    }

    private GreedyGate LoopGate(Part<T> part, ImmutableArray<int> untils) =>
        new(_known[part.Step!].Condition, untils, part.Inner, untils);

    private Fragment Single(Step<T> step, Contiguity contiguity, ImmutableArray<int> untils)
    {
        if (_spots.Count >= MostSpots)
        {
            throw _pattern.Wrong($"its repeats make more than {MostSpots} steps.", "Repeat less, or use OneOrMore.");
        }

        var (number, condition) = _known[step];
        _spots.Add(new Spot { Step = number, Condition = condition, Untils = untils });
        var spot = _spots.Count - 1;
        return new Fragment([new Entry(spot, contiguity, true, [], [])], [new Exit(spot, [], [])], false, []);
    }

    /// <summary>What a NotNext or NotFollowedBy behind an exit adds to all ways from it.</summary>
    private Exit Behind(Exit exit, Link<T> not)
    {
        var condition = _known[not.Part.Step!].Condition;
        return not.Contiguity == Contiguity.Strict
            ? exit with { Gates = [.. exit.Gates, new NotNextGate(condition)] }
            : exit with { Forbidden = [.. exit.Forbidden, condition] };
    }

    private void Connect(
        IReadOnlyList<Exit> exits, IReadOnlyList<Entry> entries, Contiguity? leading, ImmutableArray<int> untils)
    {
        foreach (var exit in exits)
        {
            foreach (var entry in entries)
            {
                var contiguity = entry.IsLeading ? leading ?? entry.Contiguity : entry.Contiguity;
                AddWays(
                    exit with { Gates = [.. exit.Gates, .. entry.Gates] }, entry.Spot, contiguity, untils,
                    [.. exit.Forbidden, .. entry.Forbidden]);
            }
        }
    }

    private void AddWays(
        Exit exit, int target, Contiguity contiguity, ImmutableArray<int> untils, ImmutableArray<int> forbidden,
        bool isByTime = false)
    {
        var spot = _spots[exit.Spot];
        spot.Open |= spot.Ways.Count < MostWays ? 1UL << spot.Ways.Count : 0;
        foreach (var gate in exit.Gates)
        {
            if (gate is GreedyGate greedy && target != Automaton<T>.End && !greedy.Following.Contains(target))
            {
                greedy.Following.Add(target);
            }

            spot.Ways.Add(new Way(target, contiguity, forbidden, untils, gate) { IsByTime = isByTime });
        }

        spot.Ways.Add(new Way(target, contiguity, forbidden, untils, null) { IsByTime = isByTime });
    }

    /// <summary>A spot a part can begin at.</summary>
    private sealed record Entry(
        int Spot, Contiguity Contiguity, bool IsLeading, ImmutableArray<Gate> Gates, ImmutableArray<int> Forbidden);

    /// <summary>A spot a part can end at.</summary>
    private sealed record Exit(int Spot, ImmutableArray<Gate> Gates, ImmutableArray<int> Forbidden);

    /// <summary>A part: where it begins and ends, and whether, and how, it can be passed.</summary>
    private sealed record Fragment(
        IReadOnlyList<Entry> Entries, IReadOnlyList<Exit> Exits, bool IsNullable, ImmutableArray<Gate> PassGates);
}
