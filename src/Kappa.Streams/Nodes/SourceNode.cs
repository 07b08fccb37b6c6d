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
        $"topic {Topic} time {HasEventTime} lateness {Lateness.Ticks} ahead {MaxAhead.Ticks}{CodecText}");

    public override IEnumerable<Delegate> Lambdas => EventTime is null ? [] : [EventTime];

    public override IEnumerable<Type> Types => [typeof(T)];

    public string Topic { get; } = topic;

    public required Codec<T> Codec { get; init; }

    public Func<T, DateTimeOffset>? EventTime { get; } = eventTime;

    public TimeSpan Lateness { get; } = lateness;

    public long LatenessTicks => Lateness.Ticks;

    public TimeSpan MaxAhead { get; } = maxAhead;

    public bool HasEventTime => EventTime is not null;

    public SourceSegment BuildSegment(JobMachine machine) =>
        new SourceSegment<T>(new SourceSettings<T>(Name, Topic, EventTime, MaxAhead.Ticks, BuildNext, Codec), machine);

    // JSON goes without saying, so that a job's fingerprint does not change where nothing of it did.
    private string CodecText => Codec is JsonFormat<T> ? "" : " codec " + Codec.Name;
}
