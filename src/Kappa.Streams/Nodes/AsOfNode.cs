using System.Globalization;
using Kappa.Streams.Runtime;

namespace Kappa.Streams.Nodes;

/// <summary>Each key's running result at each boundary (rule O2).</summary>
internal sealed class AsOfNode<TKey, TValue>
    : Node<Windowed<TKey, TValue>>, IKeyedConsumer<TKey, Change<TValue>>, IWindowingNode
    where TKey : notnull
{
    private readonly Window _window;
    private readonly int _boundariesMax;

    public AsOfNode(ChangesNode<TKey, TValue> changes, Window window, int boundariesMax)
        : base(changes.Flow, changes)
    {
        _window = window;
        _boundariesMax = boundariesMax;
        changes.Feed(this);
    }

    public override string Kind => "AsOf";

    public override string Settings =>
        string.Create(CultureInfo.InvariantCulture, $"{_window.Cut.Text} boundaries {_boundariesMax}");

    public override IEnumerable<Type> Types => [typeof(TValue)];

    public bool IsSession => false;

    public override void Check()
    {
        StateRules.Check(this, typeof(TValue));
        EventTimeCheck.Requires(this, "gives values at times of day");
        if (!_window.Cut.IsSeamless || _window.GraceTime > TimeSpan.Zero)
        {
            throw Flow.Wrong(
                $"{Label} is given {_window.Cut.Text} with a grace of {_window.GraceTime}; its boundaries are the ends "
                + "of windows that follow each other, and are as sharp as the order before it.",
                "Give Window.Tumbling or Window.Calendar, without a grace.");
        }

        if (_boundariesMax < 1)
        {
            throw Flow.Wrong(
                $"{Label} may give a value at {_boundariesMax} boundaries without an event; allowed are 1 and more.",
                "Leave boundariesMax out for 10000, or give 1 or more.");
        }

        // The changes are of a fold, and the fold is fed by what has to be in order.
        if (!EventOrder.Is(Inputs[0].Inputs[0].Inputs[0]))
        {
            throw Flow.Wrong(
                $"{Label} needs each key's events in order of event time, but {Inputs[0].Inputs[0].Label} takes them "
                + "as they come: a boundary would fall between some that are not there yet.",
                "Write InOrder() before the Aggregate.");
        }
    }

    public IKeyedReceiver<TKey, Change<TValue>> Build(SegmentInstance instance) =>
        new AsOfStage<TKey, TValue>(
            Name, instance, new AsOfSettings(_window.Cut, _boundariesMax, LastEventIn(instance.Machine)),
            BuildNext(instance));

    private Func<long> LastEventIn(JobMachine machine)
    {
        var origins = OriginsOf(this).Distinct().Select(node => node is ISourceNode source
            ? ((OriginTrack)machine.SourceTrackOf(source.Id), source.Timing.Lateness)
            : (machine.RetimedTrackOf(node.Id), ((IRetimingNode)node).Lateness.Ticks)).ToList();
        return () => origins.Max(origin =>
            origin.Item1.Finite == WatermarkTrack.None ? long.MinValue : origin.Item1.Finite + origin.Item2);
    }

    private static IEnumerable<Node> OriginsOf(Node node) =>
        node is ISourceNode or IRetimingNode ? [node] : node.Inputs.SelectMany(OriginsOf);
}

/// <summary>Whether each key's values come in order of event time.</summary>
internal static class EventOrder
{
    /// <summary>
    /// Is it what InOrder or closing windows gave, with nothing behind them but what keeps the order? Timers of all
    /// keys fire in the order of their times (rule T7), so another key changes nothing.
    /// </summary>
    public static bool Is(Node node) => node switch
    {
        IWindowingNode or { Kind: "InOrder" } => true,
        { Kind: "Changes" } => node.Inputs[0] is not IWindowingNode && Is(node.Inputs[0]),
        { Kind: "Where" or "Select" or "SelectMany" or "KeyBy" or "Aggregate" } => Is(node.Inputs[0]),
        _ => false,
    };
}
