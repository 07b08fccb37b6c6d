using System.Numerics;
using Kappa.Log;

namespace Kappa.Streams.Patterns;

/// <summary>
/// Takes a key's runs one event on. Computes first and gives the new runs back, so that a predicate's throw leaves the
/// old ones untouched. One per worker; what it holds lasts for one event.
/// </summary>
internal sealed class Matcher<T>
{
    private readonly Automaton<T> _automaton;
    private readonly SoFar<T> _soFar;
    private readonly sbyte[] _answers;
    private readonly Answer[] _bySpot;
    private readonly List<int> _iterative = [];
    private readonly List<Run<T>> _open = [];
    private readonly List<Taken<T>> _complete = [];
    private T _value = default!;
    private long _event;
    private TakenEvent<T>? _taken;

    public Matcher(Automaton<T> automaton)
    {
        _automaton = automaton;
        _soFar = new SoFar<T>(automaton.Steps);
        _answers = new sbyte[automaton.Conditions.Length];
        _bySpot = [.. automaton.Spots.Select(_ => new Answer())];
    }

    /// <summary>The matches the last call completed, in no order.</summary>
    public List<Taken<T>> Complete => _complete;

    /// <summary>The runs behind an event; the same ones where it changed nothing.</summary>
    public Runs<T> Advance(Runs<T> runs, T value, long time)
    {
        Begin(value);
        var isChanged = false;
        for (var i = 0; i < runs.Open.Length; i++)
        {
            var run = runs.Open[i];
            var answer = Ask(run, time);
            if (answer is null || (answer.Targets.Count == 0 && answer.Kept == run.Ways))
            {
                if (isChanged)
                {
                    _open.Add(run);
                }

                continue;
            }

            if (!isChanged)
            {
                isChanged = true;
                _open.AddRange(runs.Open.AsSpan(0, i));
            }

            if (answer.Kept != 0)
            {
                _open.Add(answer.Kept == run.Ways ? run : run with { Ways = answer.Kept });
            }

            if (answer.IsComplete)
            {
                _complete.Add(run.Last);
            }

            Take(run.Last, answer, runs, time);
        }

        var begins = Try(Automaton<T>.Start, _automaton.Spots[Automaton<T>.Start].Open, null);
        if (begins.Targets.Count > 0)
        {
            if (!isChanged)
            {
                isChanged = true;
                _open.AddRange(runs.Open);
            }

            Take(null, begins, runs, time);
        }

        return isChanged
            ? Runs<T>.Of([.. _open], runs.Held, runs.NextNumber + (_taken is null ? 0 : 1))
            : runs;
    }

    /// <summary>The runs behind the end of some runs' time: an absence is a match now.</summary>
    public Runs<T> Expire(Runs<T> runs, long time)
    {
        _open.Clear();
        _complete.Clear();
        foreach (var run in runs.Open)
        {
            if (!IsOver(run, time))
            {
                _open.Add(run);
            }
            else if (EndsByTime(run))
            {
                _complete.Add(run.Last);
            }
        }

        return _open.Count == runs.Open.Length ? runs : Runs<T>.Of([.. _open], runs.Held, runs.NextNumber);
    }

    private bool IsOver(Run<T> run, long time) => time - run.Last.First.Time >= _automaton.Within;

    private bool EndsByTime(Run<T> run)
    {
        var ways = _automaton.Spots[run.Spot].Ways;
        for (var open = run.Ways; open != 0; open &= open - 1)
        {
            if (ways[BitOperations.TrailingZeroCount(open)].IsByTime)
            {
                return true;
            }
        }

        return false;
    }

    private void Begin(T value)
    {
        _value = value;
        _event++;
        _taken = null;
        _open.Clear();
        _complete.Clear();
        _iterative.Clear();
        Array.Clear(_answers);
    }

    /// <summary>What an event does to a run; null: nothing, since its time is over.</summary>
    private Answer? Ask(Run<T> run, long time) => IsOver(run, time)
        // It is ended by its timer, behind the events of that time (rule T4); where that decides nothing, here.
        ? _automaton.DecidesByTime ? null : Answer.Over
        : Try(run.Spot, run.Ways, run.Last);

    /// <summary>
    /// Shows an event to the open ways of a spot. Where no predicate looks at the run, the answer holds for all runs
    /// that stand there.
    /// </summary>
    private Answer Try(int spot, ulong open, Taken<T>? last)
    {
        var answer = _bySpot[spot];
        if (answer.Event == _event && answer.Ways == open)
        {
            return answer;
        }

        answer.Targets.Clear();
        answer.Kept = 0;
        answer.IsComplete = false;
        answer.Ways = open;
        _soFar.Last = last;
        foreach (var condition in _iterative)
        {
            _answers[condition] = 0;
        }

        _iterative.Clear();
        var ways = _automaton.Spots[spot].Ways;
        for (var left = open; left != 0; left &= left - 1)
        {
            TryWay(ways, BitOperations.TrailingZeroCount(left), answer);
        }

        answer.Event = _iterative.Count == 0 ? _event : 0;
        return answer;
    }

    private void TryWay(List<Way> ways, int at, Answer answer)
    {
        for (; ; at++)
        {
            var way = ways[at];
            if (Any(way.Forbidden.AsSpan()))
            {
                return;
            }

            if (way.Gate is null)
            {
                Go(way, at, answer);
                return;
            }

            if (way.Gate is NotNextGate not)
            {
                if (Holds(not.Condition))
                {
                    return;
                }
            }
            else if (!Passes((GreedyGate)way.Gate, way, at, answer))
            {
                return;
            }
        }
    }

    private void Go(Way way, int at, Answer answer)
    {
        if (way.Target == Automaton<T>.End)
        {
            answer.Kept |= way.Contiguity == Contiguity.Any ? 1UL << at : 0;
            answer.IsComplete |= way.Contiguity == Contiguity.Strict;
            return;
        }

        if (Any(way.Untils.AsSpan()))
        {
            return;
        }

        var spot = _automaton.Spots[way.Target];
        var holds = Holds(spot.Condition);
        if (holds && !Any(spot.Untils.AsSpan()) && !answer.Targets.Contains(way.Target))
        {
            answer.Targets.Add(way.Target);
        }

        if (way.Contiguity == Contiguity.Any || (way.Contiguity == Contiguity.Relaxed && !holds))
        {
            answer.Kept |= 1UL << at;
        }
    }

    private bool Passes(GreedyGate gate, Way way, int at, Answer answer)
    {
        var holds = Holds(gate.Loop);
        var takes = holds && !Any(gate.LoopUntils.AsSpan());
        var ignores = gate.Contiguity switch
        {
            Contiguity.Strict => false,
            Contiguity.Relaxed => !holds,
            _ => true,
        } && !Any(gate.IgnoreUntils.AsSpan());
        var follows = gate.Following.Count == 0;
        foreach (var target in gate.Following)
        {
            var spot = _automaton.Spots[target];
            follows |= Holds(spot.Condition) && !Any(spot.Untils.AsSpan());
        }

        if (way.Target == Automaton<T>.End)
        {
            // The match ends here unless the loop, or an optional step behind it, goes on.
            answer.Kept |= takes && ignores ? 1UL << at : 0;
            return !takes && (gate.Following.Count == 0 || !follows);
        }

        answer.Kept |= ignores ? 1UL << at : 0;
        return (!takes && follows) || !(takes || ignores);
    }

    private void Take(Taken<T>? before, Answer answer, Runs<T> runs, long time)
    {
        Taken<T>? one = null;
        foreach (var target in answer.Targets)
        {
            var spot = _automaton.Spots[target];
            _taken ??= new TakenEvent<T>(runs.NextNumber, time, _value);
            one = one?.Step == spot.Step ? one : new Taken<T>(_taken, spot.Step, before);
            if (spot.IsAccepting)
            {
                _complete.Add(one);
            }

            if (spot.Open != 0)
            {
                _open.Add(new Run<T>(target, spot.Open, one));
            }
        }

        if (_open.Count + runs.Held.Length > _automaton.MaxRuns)
        {
            throw new KappaException(
                ErrorKind.Invalid,
                $"The event would make more than {_automaton.MaxRuns} unfinished matches of this key.",
                "Make the pattern's steps narrower or its Within shorter, or allow more: Within(time, maxRuns).");
        }
    }

    private bool Any(ReadOnlySpan<int> conditions)
    {
        foreach (var condition in conditions)
        {
            if (Holds(condition))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Asks each predicate at most once per event, those that see the run once per run.</summary>
    private bool Holds(int number)
    {
        if (_answers[number] != 0)
        {
            return _answers[number] > 0;
        }

        var condition = _automaton.Conditions[number];
        bool holds;
        if (condition.Simple is { } simple)
        {
            holds = simple(_value);
        }
        else
        {
            holds = condition.Iterative!(_value, _soFar);
            _iterative.Add(number);
        }

        _answers[number] = holds ? (sbyte)1 : (sbyte)-1;
        return holds;
    }

    /// <summary>What an event does to the runs at a spot.</summary>
    private sealed class Answer
    {
        /// <summary>To a run whose time is over: it goes.</summary>
        public static readonly Answer Over = new();

        /// <summary>The event it was given for, unless it holds for one run alone.</summary>
        public long Event { get; set; }

        public ulong Ways { get; set; }

        public ulong Kept { get; set; }

        public bool IsComplete { get; set; }

        public List<int> Targets { get; } = [];
    }
}
