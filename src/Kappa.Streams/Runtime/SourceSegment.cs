using Kappa.Log;
using Kappa.Streams.Nodes;

namespace Kappa.Streams.Runtime;

/// <summary>A batch of a step: its records stand at consecutive places.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="FirstPlace">Index in the step of its first record.</param>
internal readonly record struct PlacedBatch(RecordBatch Batch, int FirstPlace);

/// <summary>What runs between a topic and the first exchanges: decoding and everything that needs no key.</summary>
internal abstract class SourceSegment
{
    public abstract string Topic { get; }

    public abstract IReadOnlyList<SegmentInstance> Instances { get; }

    public abstract void Build();

    /// <summary>Runs one worker over its share of the step's batches of the topic.</summary>
    public abstract void Run(int worker, IReadOnlyList<PlacedBatch> batches, int from, int to);

    /// <summary>Moves the watermark by the events accepted, in order of place.</summary>
    public abstract void MoveWatermark();
}

/// <inheritdoc/>
internal sealed class SourceSegment<T> : SourceSegment
{
    private readonly SourceNode<T> _node;
    private readonly WatermarkTrack _track;
    private readonly SegmentInstance[] _instances;
    private readonly IReceiver<T>[] _heads;
    private readonly List<(int Place, long EventTime, long LogTime)>[] _seen;

    public SourceSegment(SourceNode<T> node, JobMachine machine)
    {
        _node = node;
        _track = machine.TrackOf(node.Id);
        _instances = [.. Enumerable.Range(0, machine.Workers).Select(worker => new SegmentInstance(machine, worker) { Track = _track })];
        _heads = new IReceiver<T>[machine.Workers];
        _seen = [.. Enumerable.Range(0, machine.Workers).Select(_ => new List<(int, long, long)>())];
    }

    public override string Topic => _node.Topic;

    public override IReadOnlyList<SegmentInstance> Instances => _instances;

    public override void Build()
    {
        for (var worker = 0; worker < _heads.Length; worker++)
        {
            _heads[worker] = _node.BuildBehind(_instances[worker]);
        }
    }

    public override void Run(int worker, IReadOnlyList<PlacedBatch> batches, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            var place = batches[i].FirstPlace;
            foreach (var record in batches[i].Batch)
            {
                Accept(worker, record, place++);
            }
        }
    }

    public override void MoveWatermark()
    {
        // Workers take consecutive shares, so their lists follow each other in order of place.
        foreach (var seen in _seen)
        {
            foreach (var (place, eventTime, logTime) in seen)
            {
                _track.Observe(place, eventTime, logTime);
            }

            seen.Clear();
        }
    }

    private void Accept(int worker, in Record record, int place)
    {
        if (record.IsErased)
        {
            return;
        }

        var instance = _instances[worker];
        instance.Clock.AtRecord(place, SegmentClock.NoWatermark);
        T value;
        var time = record.Place.LogTime;
        try
        {
            value = record.HasValue ? JsonCodec.Decode<T>(record.Value) : throw new InvalidDataException("The record has no value.");
            if (_node.EventTime is { } eventTime)
            {
                time = eventTime(value).UtcTicks;
            }
        }
        catch (Exception error) when (UserCode.MayFail(error))
        {
            instance.Side.Dead(_node.Label, null, error);
            return;
        }

        if (time > record.Place.LogTime + _node.MaxAhead.Ticks)
        {
            instance.Side.Dead(
                _node.Label, time,
                $"Its event time is more than {_node.MaxAhead} ahead of its log time {record.Place.Time:O}.");
            return;
        }

        if (_node.HasEventTime)
        {
            _seen[worker].Add((place, time, record.Place.LogTime));
        }

        _heads[worker].Receive(value, time);
    }
}
