using System.Globalization;
using Kappa.Streams.Nodes;
using Kappa.Streams.Operators;
using Kappa.Streams.Patterns;

namespace Kappa.Streams;

/// <content>Patterns.</content>
public sealed partial class KeyedStream<TKey, T>
{
    /// <summary>
    /// Finds the matches of a pattern in each key's values, taken in order of event time (rules O5, T9); of those of
    /// one time, in order of place. Late are values with a time before the watermark (rule T5).
    /// </summary>
    /// <param name="pattern">What to look for, with its <c>Within</c>.</param>
    /// <param name="select">What goes on for each match, at the time of what decided it (rule T6); pure.</param>
    public EventStream<TOut> Detect<TOut>(Pattern<T> pattern, Func<TKey, Match<T>, TOut> select) =>
        Detect(pattern, select, Node.Kind == "InOrder" ? this : InOrder());

    /// <summary>As the other; values of one event time in order of <paramref name="then"/>, then of place.</summary>
    /// <param name="pattern">What to look for, with its <c>Within</c>.</param>
    /// <param name="select">What goes on for each match, at the time of what decided it (rule T6); pure.</param>
    /// <param name="then">What orders values of one event time.</param>
    public EventStream<TOut> Detect<TThen, TOut>(
        Pattern<T> pattern, Func<TKey, Match<T>, TOut> select, Func<T, TThen> then)
        where TThen : IComparable<TThen> => Detect(pattern, select, InOrder(then));

    private EventStream<TOut> Detect<TOut>(
        Pattern<T> pattern, Func<TKey, Match<T>, TOut> select, KeyedStream<TKey, T> ordered)
    {
        var automaton = Build(pattern);
        var settings = $"{pattern} maxRuns {automaton.MaxRuns.ToString(CultureInfo.InvariantCulture)}";
        var node = Flow.Add(new OperatorNode<TKey, T, Runs<T>, Match<T>>(
            ordered.Node,
            new OperatorShape("Detect", settings, [.. automaton.Conditions.Select(condition => condition.Delegate)]),
            () => new Detect<TKey, T>(automaton)));
        return new(Flow.Add(new KeyedSelectNode<TKey, Match<T>, TOut>(node, select)));
    }

    private Automaton<T> Build(Pattern<T> pattern)
    {
        try
        {
            return AutomatonBuilder<T>.Build(pattern);
        }
        catch (Log.KappaException wrong)
        {
            throw Flow.Wrong($"the Detect behind {Node.Label}: {wrong.Message}", wrong.Next);
        }
    }
}
