using System.Globalization;
using Kappa.Streams.Runtime;

namespace Kappa.Streams.Nodes;

/// <summary>Gives values another event time, and the stream a watermark of its own (rules T1 and T3).</summary>
internal sealed class EventTimeNode<T> : Node<T>, IConsumer<T>, IRetimingNode
{
    private readonly Func<T, DateTimeOffset> _at;
    private readonly TimeSpan _maxAhead;

    public EventTimeNode(Node<T> input, Func<T, DateTimeOffset> at, TimeSpan lateness, TimeSpan maxAhead)
        : base(input.Flow, input)
    {
        _at = at;
        _maxAhead = maxAhead;
        Lateness = lateness;
        input.Feed(this);
    }

    public override string Kind => "EventTime";

    public override string Settings =>
        string.Create(CultureInfo.InvariantCulture, $"lateness {Lateness.Ticks} ahead {_maxAhead.Ticks}");

    public override IEnumerable<Delegate> Lambdas => [_at];

    public TimeSpan Lateness { get; }

    public StreamTime TimeBefore => TimeIn;

    public override StreamTime Time => TimeIn.Retimed(Id, Lateness == Streams.Lateness.Unbounded);

    public IReceiver<T> Build(SegmentInstance instance) => new Retiming(this, instance, BuildNext(instance));

    private sealed class Retiming(EventTimeNode<T> node, SegmentInstance instance, IReceiver<T> next) : IReceiver<T>
    {
        private readonly List<(int Place, long Value)> _seen = instance.Machine.RetimedTrackOf(node.Id).NewList();

        public void Receive(T value, long eventTime)
        {
            long time;
            try
            {
                time = node._at(value).UtcTicks;
            }
            catch (Exception error) when (UserCode.MayFail(error))
            {
                instance.Side.Dead(node.Label, eventTime, error);
                return;
            }

            var place = instance.Clock.Place;
            var logTime = instance.Machine.Places.LogTimeAt(place);
            if (EventTimes.Refuse(time, logTime, node._maxAhead.Ticks) is { } wrong)
            {
                instance.Side.Dead(node.Label, time, wrong);
                return;
            }

            _seen.Add((place, Math.Min(time, logTime)));
            next.Receive(value, time);
        }
    }
}
