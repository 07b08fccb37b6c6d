using Kappa.Log;
using Kappa.Streams.Runtime.Fused;
using Kappa.Tables;

namespace Kappa.Streams.Runtime;

/// <summary>
/// A job as a synchronous machine: batches in, changed rows out. It knows no threads but the fork and join of a step,
/// no clock and no disk, so a simulator can drive it. Its results do not depend on the number of workers nor on how the
/// sequence is cut into steps (promise P2).
/// </summary>
internal sealed class JobMachine
{
    private readonly Topology _topology;
    private readonly Dictionary<int, WatermarkTrack> _tracks = [];
    private readonly Dictionary<int, IExchange> _exchanges = [];
    private readonly List<SourceSegment> _sources = [];
    private readonly Dictionary<string, int> _tables;
    private readonly Dictionary<int, MomentRows[]> _rows = [];
    private readonly List<PlacedBatch> _step = [];
    private readonly FailureRate _failures = new();
    private long _placesBefore = 1;

    public JobMachine(Topology topology, int workers, bool isFused = true)
    {
        IsFused = isFused;
        _topology = topology;
        Workers = workers;
        Tables = topology.Tables;
        _tables = Tables.Select((table, index) => (table.Name, index))
            .ToDictionary(pair => pair.Name, pair => pair.index);
        LateTable = _tables[topology.Job.Name + ".late"];
        DeadTable = _tables[topology.Job.Name + ".dead"];
        foreach (var source in topology.Nodes.OfType<ISourceNode>())
        {
            _tracks.Add(source.Id, new WatermarkTrack(source.LatenessTicks));
        }

        foreach (var node in topology.Nodes.OfType<IExchangeNode>())
        {
            _exchanges.Add(node.Id, node.BuildExchange(this));
        }

        foreach (var exchange in _exchanges.Values)
        {
            exchange.Build();
        }

        foreach (var source in topology.Nodes.OfType<ISourceNode>())
        {
            var segment = source.BuildSegment(this);
            segment.Build();
            _sources.Add(Fusing.Over(segment, source, topology, this, _exchanges));
        }
    }

    public int Workers { get; }

    /// <summary>May chains run as one loop? Not part of any result; tests compare both ways.</summary>
    public bool IsFused { get; }

    /// <summary>The first place of this step at which a topic ends (rule L6); none: beyond all.</summary>
    public int CompletesAt { get; private set; }

    public IReadOnlyList<TableSchema> Tables { get; }

    /// <summary>What its sources run in.</summary>
    public IReadOnlyList<SourceSegment> Sources => _sources;

    public int LateTable { get; }

    public int DeadTable { get; }

    public long LateCount => Instances.Sum(instance => instance.Side.LateCount);

    public long DeadCount => Instances.Sum(instance => instance.Side.DeadCount);

    /// <summary>The lowest watermark of its sources; null while one has none.</summary>
    public long? Watermark
    {
        get
        {
            var timed = _topology.Nodes.OfType<ISourceNode>().Where(source => source.HasEventTime).ToList();
            var lowest = timed.Count == 0 ? SegmentClock.NoWatermark : timed.Min(source => _tracks[source.Id].Current);
            return lowest == SegmentClock.NoWatermark ? null : lowest;
        }
    }

    /// <summary>The topic of a source that has seen no event yet, and so holds its watermark; null for none.</summary>
    public string? Holding => _topology.Nodes.OfType<ISourceNode>()
        .FirstOrDefault(source => source.HasEventTime && _tracks[source.Id].Current == SegmentClock.NoWatermark)?.Topic;

    private IEnumerable<SegmentInstance> Instances =>
        _sources.SelectMany(source => source.Instances)
            .Concat(_exchanges.Values.SelectMany(exchange => exchange.Instances));

    public WatermarkTrack TrackOf(int source) => _tracks[source];

    public IExchange ExchangeOf(int node) => _exchanges[node];

    public int[] TableIndexes(IEnumerable<string> names) => [.. names.Select(name => _tables[name])];

    public MomentRows RowsOf(int table, int worker)
    {
        if (!_rows.TryGetValue(table, out var workers))
        {
            _rows.Add(table, workers = [.. Enumerable.Range(0, Workers).Select(_ => new MomentRows())]);
        }

        return workers[worker];
    }

    /// <summary>
    /// Which worker has a key. Not part of any result, so any hash that is the same for equal keys does.
    /// </summary>
    public int ShardOf<TKey>(TKey key)
        where TKey : notnull =>
            (int)((uint)(EqualityComparer<TKey>.Default.GetHashCode(key) * -1640531527) % (uint)Workers);

    /// <summary>Takes a step: whole batches, in order of place.</summary>
    /// <exception cref="KappaException">Too many records failed (rule O6).</exception>
    public void Step(IReadOnlyList<RecordBatch> batches)
    {
        BeginStep(batches);
        foreach (var source in _sources)
        {
            var mine = _step.Where(placed => placed.Batch.Topic == source.Topic).ToList();
            ForEachWorker(worker => source.Run(
                worker,
                mine,
                (int)((long)mine.Count * worker / Workers),
                (int)((long)mine.Count * (worker + 1) / Workers)));
            source.MoveWatermark();
        }

        Complete(batches);
        foreach (var exchange in _exchanges.Values)
        {
            exchange.Deal();
            ForEachWorker(exchange.Run);
        }

        _failures.Check(_topology.Job.Name, _step, Instances.SelectMany(instance => instance.Side.StepErrors));
    }

    /// <summary>Does the machine stand at this place, with all its rows collected?</summary>
    public bool IsAt(Place place) => _step.Count > 0 && _step[^1].Batch.LastPlace == place;

    /// <summary>Adds all rows that changed since the last call.</summary>
    public void Collect(TableChanges into)
    {
        foreach (var instance in Instances)
        {
            foreach (var stage in instance.Stages)
            {
                stage.Collect(into);
            }

            instance.Side.Collect(into);
        }

        foreach (var (table, workers) in _rows)
        {
            MomentRows.Collect(into, table, workers);
        }
    }

    /// <summary>The place at an index of the step.</summary>
    public Place PlaceAt(int index)
    {
        var placed = BatchAt(index);
        return new Place(placed.Batch.LogTime, index - placed.FirstPlace + 1);
    }

    /// <summary>Where a late or dead record is from; nothing but the event time where a timer brought it.</summary>
    public void WriteOrigin(RowWriter row, int index, bool isRecord, long? eventTime)
    {
        var placed = BatchAt(index);
        if (isRecord)
        {
            row.Text(placed.Batch.Topic);
            row.Integer(placed.Batch.Partition);
            row.Integer(placed.Batch.BaseOffset + index - placed.FirstPlace);
        }
        else
        {
            row.Null();
            row.Null();
            row.Null();
        }

        if (eventTime is { } time)
        {
            row.Integer(time);
        }
        else
        {
            row.Null();
        }

        var left = index - placed.FirstPlace;
        foreach (var record in placed.Batch)
        {
            if (left-- == 0)
            {
                if (isRecord && record.HasValue)
                {
                    row.Bytes(record.Value);
                }
                else
                {
                    row.Null();
                }

                return;
            }
        }
    }

    /// <summary>Writes all state.</summary>
    public void Save(StateWriter into)
    {
        foreach (var track in _tracks.OrderBy(pair => pair.Key))
        {
            into.Write(track.Value.Current);
        }

        into.Write(LateCount);
        into.Write(DeadCount);
        _failures.Save(into);
        foreach (var exchange in _exchanges.OrderBy(pair => pair.Key))
        {
            // A section per worker and stage; a restart with another number of workers reads them all.
            into.Write(Workers);
            foreach (var stage in exchange.Value.Instances.SelectMany(instance => instance.Stages))
            {
                var section = new StateWriter();
                stage.Save(section);
                into.Write(section.Written.Length);
                into.Write(section.Written.Span);
            }
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote, with any number of workers.</summary>
    public void Load(ReadOnlyMemory<byte> state)
    {
        var from = new StateReader(state);
        foreach (var track in _tracks.OrderBy(pair => pair.Key))
        {
            track.Value.Restore(from.ReadInt64());
        }

        _sources[0].Instances[0].Side.Load(from.ReadInt64(), from.ReadInt64());
        _failures.Load(from);
        foreach (var exchange in _exchanges.OrderBy(pair => pair.Key))
        {
            for (var writers = from.ReadInt32(); writers > 0; writers--)
            {
                for (var stage = 0; stage < exchange.Value.Instances[0].Stages.Count; stage++)
                {
                    var section = from.TakeMemory(from.ReadInt32());
                    foreach (var instance in exchange.Value.Instances)
                    {
                        instance.Stages[stage].Load(new StateReader(section));
                    }
                }
            }
        }
    }

    private void BeginStep(IReadOnlyList<RecordBatch> batches)
    {
        _placesBefore += _step.Count == 0 ? 0 : _step[^1].FirstPlace + _step[^1].Batch.Count;
        _step.Clear();
        CompletesAt = int.MaxValue;
        var place = 0;
        foreach (var batch in batches)
        {
            _step.Add(new PlacedBatch(batch, place));
            if (CompletesAt == int.MaxValue && batch.Topic == Names.Clock && IsCompletion(batch))
            {
                CompletesAt = place;
            }

            place += batch.Count;
        }

        foreach (var track in _tracks.Values)
        {
            track.BeginStep();
        }

        foreach (var instance in Instances)
        {
            instance.Clock.PlacesBefore = _placesBefore;
            instance.Side.BeginStep();
        }
    }

    /// <summary>A clock record that completes a topic makes its sources' watermarks infinite (rule L6).</summary>
    private void Complete(IReadOnlyList<RecordBatch> batches)
    {
        for (var i = 0; i < batches.Count; i++)
        {
            if (batches[i].Topic != Names.Clock)
            {
                continue;
            }

            var place = _step[i].FirstPlace;
            foreach (var record in batches[i])
            {
                if (ClockRecord.Parse(record.Value) is { Kind: ClockKind.Complete, Topic: { } topic })
                {
                    Complete(topic, place);
                }

                place++;
            }
        }
    }

    private static bool IsCompletion(RecordBatch batch)
    {
        foreach (var record in batch)
        {
            if (ClockRecord.Parse(record.Value).Kind == ClockKind.Complete)
            {
                return true;
            }
        }

        return false;
    }

    private void Complete(string topic, int place)
    {
        foreach (var source in _topology.Nodes.OfType<ISourceNode>().Where(node => node.Topic == topic
            && node.HasEventTime))
        {
            _tracks[source.Id].RaiseTo(place, WatermarkTrack.Infinite);
            foreach (var node in _topology.Nodes.OfType<IExchangeNode>().Where(node => node.Source.Id == source.Id))
            {
                foreach (var instance in _exchanges[node.Id].Instances)
                {
                    instance.CompletedAt = Math.Min(instance.CompletedAt, _placesBefore + place);
                }
            }
        }
    }

    private PlacedBatch BatchAt(int index)
    {
        int low = 0, high = _step.Count - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_step[middle].FirstPlace <= index)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return _step[low];
    }

    private void ForEachWorker(Action<int> run)
    {
        if (Workers == 1)
        {
            run(0);
        }
        else
        {
            Parallel.For(0, Workers, new ParallelOptions { MaxDegreeOfParallelism = Workers }, run);
        }
    }
}
