using System.Globalization;
using Kappa.Log;
using Kappa.Streams.Runtime;

namespace Kappa.Streams.Nodes;

/// <summary>Where a topic's records enter: decoded, their event times read and checked (rules T1 and T3).</summary>
internal sealed class SourceNode<T>(
    Flow flow, string topic, Func<T, DateTimeOffset>? eventTime, TimeSpan maxAhead, SourceTiming timing)
    : Node<T>(flow), ISourceNode
{
    public override string Kind => IsTable ? "Table" : "From";

    public override string Settings => string.Create(
        CultureInfo.InvariantCulture,
        $"topic {Topic} time {HasEventTime} lateness {Timing.Lateness} ahead {MaxAhead.Ticks}")
        + (Timing.QuietAfter is { } quiet ? string.Create(CultureInfo.InvariantCulture, $" quiet {quiet}") : "")
        + (Timing.Settle > 0 ? string.Create(CultureInfo.InvariantCulture, $" settle {Timing.Settle}") : "")
        + (IsPreloaded ? " preload true" : "")
        + CodecText;

    public override IEnumerable<Delegate> Lambdas =>
        EventTime is null ? Codec.Lambdas : Codec.Lambdas.Prepend(EventTime);

    public override IEnumerable<Type> Types => Codec.Types;

    public string Topic { get; } = topic;

    public required Codec<T> Codec { get; init; }

    /// <summary>Its records are rows of a table, and their keys count.</summary>
    public bool IsTable { get; init; }

    /// <summary>It is read up to a place before everything else (rule O3).</summary>
    public bool IsPreloaded { get; set; }

    public Func<T, DateTimeOffset>? EventTime { get; } = eventTime;

    public SourceTiming Timing { get; } = timing;

    public TimeSpan MaxAhead { get; } = maxAhead;

    public bool HasEventTime => EventTime is not null;

    public override StreamTime Time => StreamTime.OfSource(Id, HasEventTime);

    public bool NeedsDecoding => !IsTable && Codec.Name != "binary";

    public Projection Project() => Projecting.Of(this);

    public GeneralSegment BuildSegment(JobMachine machine) =>
        new SourceSegment<T>(new SourceSettings<T>(Name, Topic, EventTime, MaxAhead.Ticks, BuildNext, Codec), machine);

    public SourceSegment Fused(GeneralSegment plain, Topology topology, JobMachine machine) =>
        Fusing.Over(plain, this, topology, machine);

    // JSON goes without saying, so that a job's fingerprint does not change where nothing of it did.
    private string CodecText => Codec.Name == "json" ? "" : " codec " + Codec.Name;

    public override void Check()
    {
        if (Timing.QuietAfter <= 0 || Timing.Settle < 0)
        {
            throw Flow.Wrong(
                $"topic '{Topic}' has a quietAfter of {new TimeSpan(Timing.QuietAfter ?? 0)} and a settle of "
                + $"{new TimeSpan(Timing.Settle)}; allowed is a quietAfter of more than 0, and a settle of 0 or more.",
                "Give how long the topic may be silent, for example TimeSpan.FromMinutes(5), or leave it out to wait.");
        }

        if (!HasEventTime && (Timing.QuietAfter is not null || Timing.Settle > 0))
        {
            throw Flow.Wrong(
                $"topic '{Topic}' has a quietAfter or a settle, but was read without an event time.",
                "Give From an eventTime, or leave both out.");
        }
    }
}
