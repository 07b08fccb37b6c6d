using Kappa.Log;
using Kappa.Streams.Codecs;

namespace Kappa.Streams.Runtime;

/// <summary>A batch of a step: its records stand at consecutive places.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="FirstPlace">Index in the step of its first record.</param>
internal readonly record struct PlacedBatch(RecordBatch Batch, int FirstPlace)
{
    /// <summary>Its records from one on.</summary>
    public PlacedBatch From(int record) => record == 0 ? this : new(Batch.From(record), FirstPlace + record);

    /// <summary>Its first record alone.</summary>
    public PlacedBatch First() => new(Batch.UpTo(1), FirstPlace);
}

/// <summary>What runs between a topic and the first exchanges: decoding and everything that needs no key.</summary>
internal abstract class SourceSegment
{
    public abstract string Topic { get; }

    public abstract IReadOnlyList<SegmentInstance> Instances { get; }

    public abstract void Build();

    /// <summary>Its watermark.</summary>
    public abstract SourceTrack Track { get; }

    /// <summary>Runs over the step's batches of the topic, with all workers.</summary>
    public abstract void Run(IReadOnlyList<PlacedBatch> batches);
}

/// <summary>The same record by record, as any job can be run.</summary>
internal abstract class GeneralSegment : SourceSegment
{
    /// <summary>Runs one worker over its share of the step's batches of the topic.</summary>
    public abstract void Run(int worker, IReadOnlyList<PlacedBatch> batches, int from, int to);
}

/// <summary>What a source is made of.</summary>
/// <param name="Name">The source.</param>
/// <param name="Topic">Its topic.</param>
/// <param name="EventTime">When an event happened; null: the stream has no event time.</param>
/// <param name="MaxAheadTicks">How far event time may be ahead of log time (rule T3).</param>
/// <param name="BuildBehind">Builds what comes behind it, for one worker.</param>
/// <param name="Codec">How its events are written.</param>
internal sealed record SourceSettings<T>(
    StageName Name, string Topic, Func<T, DateTimeOffset>? EventTime, long MaxAheadTicks,
    Func<SegmentInstance, IReceiver<T>> BuildBehind, Codec<T> Codec);

/// <inheritdoc/>
internal sealed class SourceSegment<T> : GeneralSegment
{
    private readonly SourceSettings<T> _source;
    private readonly JobMachine _machine;
    private readonly SegmentInstance[] _instances;
    private readonly IReceiver<T>[] _heads;
    private readonly List<(int Place, long EventTime, long LogTime)>[] _seen;

    public SourceSegment(SourceSettings<T> source, JobMachine machine)
    {
        _source = source;
        _machine = machine;
        Track = machine.SourceTrackOf(source.Name.Number);
        _instances = [.. Enumerable.Range(0, machine.Workers)
            .Select(worker => new SegmentInstance(machine, worker) { Track = Track })];
        _heads = new IReceiver<T>[machine.Workers];
        _seen = [.. Enumerable.Range(0, machine.Workers).Select(_ => Track.NewList())];
    }

    public override string Topic => _source.Topic;

    public override IReadOnlyList<SegmentInstance> Instances => _instances;

    public override SourceTrack Track { get; }

    public override void Build()
    {
        for (var worker = 0; worker < _heads.Length; worker++)
        {
            _heads[worker] = _source.BuildBehind(_instances[worker]);
        }
    }

    public override void Run(IReadOnlyList<PlacedBatch> batches)
    {
        if (_instances.Length == 1)
        {
            Run(0, batches, 0, batches.Count);
            return;
        }

        // Each takes consecutive batches, so that what they accept follows each other in order of place.
        _machine.Together(_instances.Length, worker => Run(
            worker,
            batches,
            (int)((long)batches.Count * worker / _instances.Length),
            (int)((long)batches.Count * (worker + 1) / _instances.Length)), int.MaxValue);
    }

    public override void Run(int worker, IReadOnlyList<PlacedBatch> batches, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            var place = batches[i].FirstPlace;
            switch (batches[i].Batch)
            {
                case { Projection: null } batch:
                    foreach (var record in batch)
                    {
                        Accept(worker, record, place++);
                    }

                    break;
                case { Projection: TypedProjection<T> typed } batch:
                    AcceptTyped(worker, batch, typed, place);
                    break;
                case var batch:
                    for (var records = batch.AsAppended(); records.MoveNext();)
                    {
                        Accept(worker, records.Current, place++);
                    }

                    break;
            }
        }
    }

    /// <summary>Records out of a twin (rule L11): those it only marks are read as they were appended.</summary>
    private void AcceptTyped(int worker, RecordBatch batch, TypedProjection<T> typed, int place)
    {
        var appended = default(RecordEnumerator);
        var next = -1;
        var index = 0;
        foreach (var record in batch)
        {
            if (record.HasValue && typed.TryRead(record.Value, out var value))
            {
                _instances[worker].Clock.AtRecord(place, WatermarkTrack.None);
                Take(worker, value, place, record.Place.LogTime);
            }
            else if (!record.IsErased)
            {
                if (next < 0)
                {
                    appended = batch.AsAppended();
                    next = 0;
                }

                while (next <= index)
                {
                    appended.MoveNext();
                    next++;
                }

                Accept(worker, appended.Current, place);
            }

            place++;
            index++;
        }
    }

    private void Accept(int worker, in Record record, int place)
    {
        if (record.IsErased)
        {
            return;
        }

        var instance = _instances[worker];
        instance.Clock.AtRecord(place, WatermarkTrack.None);
        T value;
        try
        {
            value = _source.Codec.ReadRecord(record);
        }
        catch (Exception error) when (UserCode.MayFail(error))
        {
            instance.Side.Dead(_source.Name.Label, null, error);
            return;
        }

        Take(worker, value, place, record.Place.LogTime);
    }

    private void Take(int worker, T value, int place, long logTime)
    {
        var instance = _instances[worker];
        var time = logTime;
        if (_source.EventTime is { } eventTime)
        {
            try
            {
                time = eventTime(value).UtcTicks;
            }
            catch (Exception error) when (UserCode.MayFail(error))
            {
                instance.Side.Dead(_source.Name.Label, null, error);
                return;
            }
        }

        if (EventTimes.Refuse(time, logTime, _source.MaxAheadTicks) is { } wrong)
        {
            instance.Side.Dead(_source.Name.Label, time, wrong);
            return;
        }

        if (_source.EventTime is not null)
        {
            _seen[worker].Add((place, time, logTime));
        }

        _heads[worker].Receive(value, time);
    }
}
