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
    private readonly List<int> _iterative = [];
    private readonly List<int> _targets = [];
    private readonly List<Run<T>> _open = [];
    private readonly List<Taken<T>> _complete = [];
    private T _value = default!;
    private ulong _kept;
    private bool _isComplete;

    public Matcher(Automaton<T> automaton)
    {
        _automaton = automaton;
        _soFar = new SoFar<T>(automaton.Steps);
        _answers = new sbyte[automaton.Conditions.Length];
    }

    /// <summary>The matches the last call completed, in the order in which they come out.</summary>
    public List<Taken<T>> Complete => _complete;

    /// <summary>The runs behind an event; the same ones where it changed nothing.</summary>
    public Runs<T> Advance(Runs<T> runs, T value, long time)
    {
        Begin(value);
        TakenEvent<T>? taken = null;
        var isChanged = false;
        foreach (var run in runs.Open)
        {
            // A run whose time is over is ended by its timer, behind the events of that time (rule T4).
            if (IsOver(run, time))
            {
                isChanged |= !_automaton.DecidesByTime;
                if (_automaton.DecidesByTime)
                {
                    _open.Add(run);
                }

                continue;
            }

            Try(run.Spot, run.Ways, run.Last);
            isChanged |= _kept != run.Ways || _targets.Count > 0;
            if (_kept != 0)
            {
                _open.Add(_kept == run.Ways ? run : run with { Ways = _kept });
            }

            if (_isComplete)
            {
                _complete.Add(run.Last);
            }

            Take(run.Last, ref taken, runs.NextNumber, time);
            CheckLimit(runs.Held.Length);
        }

        Try(Automaton<T>.Start, _automaton.Spots[Automaton<T>.Start].Open, null);
        isChanged |= _targets.Count > 0;
        Take(null, ref taken, runs.NextNumber, time);
        CheckLimit(runs.Held.Length);
        return isChanged
            ? Runs<T>.Of([.. _open], runs.Held, runs.NextNumber + (taken is null ? 0 : 1))
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
        _open.Clear();
        _complete.Clear();
        _iterative.Clear();
        Array.Clear(_answers);
    }

    /// <summary>Shows an event to the open ways of a spot.</summary>
    private void Try(int spot, ulong open, Taken<T>? last)
    {
        _targets.Clear();
        _kept = 0;
        _isComplete = false;
        _soFar.Last = last;
        foreach (var condition in _iterative)
        {
            _answers[condition] = 0;
        }

        _iterative.Clear();
        var ways = _automaton.Spots[spot].Ways;
        for (; open != 0; open &= open - 1)
        {
            TryWay(ways, BitOperations.TrailingZeroCount(open));
        }
    }

    private void TryWay(List<Way> ways, int at)
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
                Go(way, at);
                return;
            }

            if (way.Gate is NotNextGate not)
            {
                if (Holds(not.Condition))
                {
                    return;
                }
            }
            else if (!Passes((GreedyGate)way.Gate, way, at))
            {
                return;
            }
        }
    }

    private void Go(Way way, int at)
    {
        if (way.Target == Automaton<T>.End)
        {
            _kept |= way.Contiguity == Contiguity.Any ? 1UL << at : 0;
            _isComplete |= way.Contiguity == Contiguity.Strict;
            return;
        }

        if (Any(way.Untils.AsSpan()))
        {
            return;
        }

        var spot = _automaton.Spots[way.Target];
        var holds = Holds(spot.Condition);
        if (holds && !Any(spot.Untils.AsSpan()) && !_targets.Contains(way.Target))
        {
            _targets.Add(way.Target);
        }

        if (way.Contiguity == Contiguity.Any || (way.Contiguity == Contiguity.Relaxed && !holds))
        {
            _kept |= 1UL << at;
        }
    }

    private bool Passes(GreedyGate gate, Way way, int at)
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
            _kept |= takes && ignores ? 1UL << at : 0;
            return !takes && (gate.Following.Count == 0 || !follows);
        }

        _kept |= ignores ? 1UL << at : 0;
        return (!takes && follows) || !(takes || ignores);
    }

    private void Take(Taken<T>? before, ref TakenEvent<T>? taken, long number, long time)
    {
        Taken<T>? one = null;
        foreach (var target in _targets)
        {
            var spot = _automaton.Spots[target];
            taken ??= new TakenEvent<T>(number, time, _value);
            one = one?.Step == spot.Step ? one : new Taken<T>(taken, spot.Step, before);
            if (spot.IsAccepting)
            {
                _complete.Add(one);
            }

            if (spot.Open != 0)
            {
                _open.Add(new Run<T>(target, spot.Open, one));
            }
        }
    }

    private void CheckLimit(int held)
    {
        if (_open.Count + held > _automaton.MaxRuns)
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
}
