using Kappa.Log;
using Kappa.Tables;

namespace Kappa.Streams.Runtime;

/// <summary>
/// A job as a synchronous machine: batches in, changed rows out. It knows no threads but the fork and join of a step,
/// no clock and no disk, so a simulator can drive it. Its results do not depend on the number of workers nor on how the
/// sequence is cut into steps (promise P2).
/// </summary>
internal sealed partial class JobMachine
{
    private readonly Topology _topology;
    private readonly SortedDictionary<int, OriginTrack> _origins = [];
    private readonly Dictionary<int, IExchange> _exchanges = [];
    private readonly List<SourceSegment> _sources = [];
    private readonly Dictionary<string, int> _tables;
    private readonly Dictionary<int, MomentRows[]> _rows = [];
    private readonly List<PlacedClock> _clock = [];
    private readonly List<PlacedBatch> _mine = [];
    private readonly List<(int Place, string Error)> _errors = [];
    private SegmentInstance[]? _instances;
    private readonly FailureRate _failures = new();
    private readonly List<SourceSegment> _preloaded = [];
    private long _placesBefore = 1;

    public JobMachine(Topology topology, int workers, bool isFused = true, SpillSpace? spill = null)
    {
        IsFused = isFused;
        Spill = spill;
        _topology = topology;
        Workers = workers;
        _crew = new Crew(Math.Min(workers, Environment.ProcessorCount));
        _runBeside = () => _beside!(_besideRecords);
        Tables = topology.Tables;
        _tables = Tables.Select((table, index) => (table.Name, index))
            .ToDictionary(pair => pair.Name, pair => pair.index);
        LateTable = _tables[topology.Job.Name + ".late"];
        DeadTable = _tables[topology.Job.Name + ".dead"];
        foreach (var node in topology.Nodes)
        {
            if (node is ISourceNode source)
            {
                _origins.Add(source.Id, new SourceTrack(source.Topic, source.Timing));
            }
            else if (node is IRetimingNode retiming)
            {
                _origins.Add(retiming.Id, new RetimedTrack(TrackOf(retiming.TimeBefore), retiming.Lateness));
            }
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
            _sources.Add(IsFused ? source.Fused(segment, topology, this) : segment);
            if (source.IsPreloaded)
            {
                _preloaded.Add(_sources[^1]);
            }
        }
    }

    public int Workers { get; }

    /// <summary>May chains run as one loop? Not part of any result; tests compare both ways.</summary>
    public bool IsFused { get; }

    /// <summary>The clock records of the step.</summary>
    public IReadOnlyList<PlacedClock> ClockRecords => _clock;

    /// <summary>Do rows and place of the store always belong together (rule C4)? Default true.</summary>
    public bool IsStoreExact { get; init; } = true;

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
            var lowest = timed.Count == 0 ? WatermarkTrack.None : timed.Min(source => _origins[source.Id].Current);
            return lowest == WatermarkTrack.None ? null : lowest;
        }
    }

    /// <summary>The topic of a source that has seen no event yet, and so holds its watermark; null for none.</summary>
    public string? Holding => _topology.Nodes.OfType<ISourceNode>()
        .FirstOrDefault(source => source.HasEventTime && _origins[source.Id].Current == WatermarkTrack.None)?.Topic;

    private SegmentInstance[] Instances => _instances ??=
        [.. _sources.SelectMany(source => source.Instances)
            .Concat(_exchanges.Values.SelectMany(exchange => exchange.Instances))];

    /// <summary>The places of the step.</summary>
    public StepPlaces Places { get; } = new();

    /// <summary>
    /// The log time from which on something would change though no topic of the job gets a record (rules L5 and T2);
    /// null for never.
    /// </summary>
    public long? NextLogTime
    {
        get
        {
            long? next = null;
            foreach (var instance in Instances)
            {
                foreach (var stage in instance.Stages)
                {
                    next = Earlier(next, stage.NextLogDue == long.MaxValue ? null : stage.NextLogDue);
                }
            }

            foreach (var (id, origin) in _origins)
            {
                next = Earlier(next, origin is SourceTrack source ? source.LogTimeOf(NextDueOf(id)) : null);
            }

            return next;
        }
    }

    public SourceTrack SourceTrackOf(int source) => (SourceTrack)_origins[source];

    public RetimedTrack RetimedTrackOf(int node) => (RetimedTrack)_origins[node];

    /// <summary>The watermark of a stream.</summary>
    public WatermarkTrack TrackOf(StreamTime time) => time.Origins.Count == 1 && time.Origins.First().Value == 0
        ? _origins[time.Origins.First().Key]
        : new LowestTrack([.. time.Origins.Select(origin => (_origins[origin.Key], origin.Value))], time.Level);

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
        where TKey : notnull => ShardOf(KeyTag.Of(key));

    /// <summary>The same, by the key's tag: by other bits of it than those that order a table's slots.</summary>
    public int ShardOf(uint tag) => (int)((((tag * 0x85EB_CA6Bu) >> 16) * (uint)Workers) >> 16);

    /// <summary>Takes a step: whole batches, in order of place.</summary>
    /// <exception cref="KappaException">Too many records failed (rule O6).</exception>
    /// <param name="batches">They are looked at until the next step.</param>
    /// <param name="beside">
    /// What the calling thread may do meanwhile, where there are several workers and it is worth it: about so many
    /// records' worth of it. Must not throw.
    /// </param>
    public void Step(IReadOnlyList<RecordBatch> batches, Action<int>? beside = null)
    {
        _beside = beside;
        BeginStep(batches);
        foreach (var source in _sources)
        {
            Run(source, PreloadedTo(source));
            source.Track.Move(Places.Batches, _clock);
        }

        EndStep();
    }

    /// <summary>Does the machine stand at this place, with all its rows collected?</summary>
    public bool IsAt(Place place) => Places.Last == place;

    /// <summary>Are there rows that were not collected, as they are not final (rule C3)?</summary>
    public bool HasOpenRows { get; private set; }

    /// <summary>Adds all rows that changed since the last call.</summary>
    /// <param name="into">Where they go.</param>
    /// <param name="withOpen">Also those that are not final; else these wait for a later call (rule C3).</param>
    public void Collect(TableChanges into, bool withOpen = true)
    {
        HasOpenRows = !withOpen;
        foreach (var instance in Instances)
        {
            foreach (var stage in instance.Stages)
            {
                stage.Collect(into, withOpen);
            }

            instance.Side.Collect(into);
        }

        foreach (var (table, workers) in _rows)
        {
            MomentRows.Collect(into, table, workers);
        }

        if (withOpen)
        {
            BoundCollected();
        }
    }

    /// <summary>Writes all state.</summary>
    public void Save(StateWriter into)
    {
        foreach (var origin in _origins.Values)
        {
            origin.Save(into);
        }

        into.Write((byte)(HasOpenRows ? 1 : 0));
        into.Write(LateCount);
        into.Write(DeadCount);
        _failures.Save(into);
        foreach (var exchange in _exchanges.OrderBy(pair => pair.Key))
        {
            // A section per worker and stage; a restart with another number of workers reads them all.
            into.Write(Workers);
            foreach (var stage in exchange.Value.Instances.SelectMany(instance => instance.Stages))
            {
                stage.Save(into);
            }
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote, with any number of workers.</summary>
    public void Load(StateReader from)
    {
        foreach (var origin in _origins.Values)
        {
            origin.Load(from);
        }

        HasOpenRows = from.ReadByte() == 1;
        _sources[0].Instances[0].Side.Load(from.ReadInt64(), from.ReadInt64());
        _failures.Load(from);
        foreach (var exchange in _exchanges.OrderBy(pair => pair.Key))
        {
            for (var writers = from.ReadInt32(); writers > 0; writers--)
            {
                for (var stage = 0; stage < exchange.Value.Instances[0].Stages.Count; stage++)
                {
                    IReadOnlyList<IStage> workers =
                        [.. exchange.Value.Instances.Select(instance => instance.Stages[stage])];
                    workers[0].Load(from, workers);
                }
            }
        }
    }

    /// <summary>Runs a source over its batches of the step that lie behind a place.</summary>
    private void Run(SourceSegment source, Place behind)
    {
        _mine.Clear();
        var step = Places.Batches;
        for (var i = 0; i < step.Count; i++)
        {
            var placed = step[i];
            if (placed.Batch.Topic == source.Topic && placed.Batch.LastPlace > behind)
            {
                _mine.Add(placed);
            }
        }

        source.Run(_mine);
    }

    private void EndStep()
    {
        foreach (var exchange in _exchanges.Values)
        {
            exchange.Deal();
            exchange.RunAll();
        }

        foreach (var origin in _origins.Values)
        {
            origin.Settle();
        }

        _errors.Clear();
        foreach (var instance in Instances)
        {
            _errors.AddRange(instance.Side.StepErrors);
        }

        _failures.Check(_topology.Job.Name, Places.Batches, _errors);
        Bound(Places.Count);
    }

    private void BeginStep(IReadOnlyList<RecordBatch> batches)
    {
        _placesBefore += Places.Count;
        Places.Set(batches);
        PlacedClock.Read(Places.Batches, _clock);
        foreach (var origin in _origins.Values)
        {
            origin.BeginStep();
        }

        foreach (var instance in Instances)
        {
            instance.Clock.PlacesBefore = _placesBefore;
            instance.Side.BeginStep();
        }
    }

    /// <summary>The lowest value of a source's own watermark that a stage waits for.</summary>
    private long NextDueOf(int origin)
    {
        var next = WatermarkTrack.Infinite;
        foreach (var node in _topology.Nodes.OfType<IExchangeNode>())
        {
            if (!node.Time.Origins.TryGetValue(origin, out var hold))
            {
                continue;
            }

            foreach (var stage in _exchanges[node.Id].Instances.SelectMany(instance => instance.Stages))
            {
                next = stage.NextDue > WatermarkTrack.Infinite - hold ? next : Math.Min(next, stage.NextDue + hold);
            }
        }

        return next;
    }

    private static long? Earlier(long? left, long? right) => left is null || right < left ? right ?? left : left;
}
