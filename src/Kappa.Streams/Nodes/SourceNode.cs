using System.Globalization;
using Kappa.Streams.Runtime;

namespace Kappa.Streams.Nodes;

/// <summary>Where a topic's records enter: decoded, their event times read and checked (rules T1 and T3).</summary>
internal sealed class SourceNode<T>(
    Flow flow, string topic, Func<T, DateTimeOffset>? eventTime, TimeSpan lateness, TimeSpan maxAhead)
    : Node<T>(flow, null), ISourceNode
{
    public override string Kind => "From";

    public override string Settings => string.Create(
        CultureInfo.InvariantCulture,
        $"topic {Topic} time {HasEventTime} lateness {Lateness.Ticks} ahead {MaxAhead.Ticks}");

    public override IEnumerable<Delegate> Lambdas => EventTime is null ? [] : [EventTime];

    public override IEnumerable<Type> Types => [typeof(T)];

    public string Topic { get; } = topic;

    public Func<T, DateTimeOffset>? EventTime { get; } = eventTime;

    public TimeSpan Lateness { get; } = lateness;

    public long LatenessTicks => Lateness.Ticks;

    public TimeSpan MaxAhead { get; } = maxAhead;

    public bool HasEventTime => EventTime is not null;

    public SourceSegment BuildSegment(JobMachine machine) =>
        new SourceSegment<T>(new SourceSettings<T>(Name, Topic, EventTime, MaxAhead.Ticks, BuildNext), machine);
}
