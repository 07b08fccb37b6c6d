namespace Kappa.Streams.Runtime.Fused;

/// <summary>What a fused segment is made of.</summary>
/// <param name="Plain">The same segment as it runs record by record.</param>
/// <param name="Exchange">The exchange behind it, as it runs record by record.</param>
/// <param name="LatenessTicks">How far it stays behind.</param>
/// <param name="MaxAheadTicks">How far event time may be ahead of log time (rule T3).</param>
internal sealed record FusedSettings(
    SourceSegment Plain, IExchange Exchange, long LatenessTicks, long MaxAheadTicks);

/// <summary>What the machine needs to know of a fused segment, whatever flows through it.</summary>
internal abstract class FusedSegment : SourceSegment
{
    /// <summary>The keyed half of it.</summary>
    public abstract IExchange Exchange { get; }
}

/// <summary>
/// A source, what lies in front of its key, and the fold by windows behind it, as one loop over a batch. A batch whose
/// records are all plain, all fall into the same open windows, and by which no window closes, is folded at once: what
/// each single record's watermark would have said about it is then the same. Every other batch goes record by record,
/// and one with a record that may be a dead letter through the general segment (promise P2).
/// </summary>
internal sealed class FusedSegment<T, TKey, TValue, TState, TRecords, TTime, TChain, TFold> : FusedSegment
    where TKey : notnull
    where TRecords : struct, IRecords<T>
    where TTime : struct, IFunction<T, DateTimeOffset>
    where TChain : struct, IChain<T, TKey>
    where TFold : struct, IFold<TState, TValue>
{
    /// <summary>So often a batch goes on without staging behind a record that stopped it.</summary>
    private const int StopsMax = 8;

    private readonly FusedSettings _settings;
    private readonly JobMachine _machine;
    private readonly WindowCut _cut;
    private readonly long _closesAfter;
    private readonly OpenPane _pane;
    private readonly FusedShard<TKey, TValue, TState, TFold>[] _shards;
    private readonly DirectPanes<TKey, TState> _panes;
    private readonly DirectFold<T, TKey, TValue, TState, TRecords, TTime, TChain, TFold> _direct;
    private readonly Func<FusedBatch<T, TKey, TRecords, TTime, TChain>> _newBatch;
    private readonly List<FusedBatch<T, TKey, TRecords, TTime, TChain>> _staged = [];
    private readonly List<(PlacedBatch Placed, bool IsFast, long Watermark)> _ways = [];
    private readonly PlacedBatch[] _one = new PlacedBatch[1];
    private readonly List<PlacedBatch> _batches = [];
    private long _nextEnd;
    public FusedSegment(FusedSettings settings, TRecords records, TTime time, TChain chain, TFold fold)
    {
        _settings = settings;
        _machine = settings.Exchange.Instances[0].Machine;
        _shards = [.. settings.Exchange.Instances
            .Select(instance => new FusedShard<TKey, TValue, TState, TFold>(instance, fold))];
        var stage = (IWindowFold<TKey, TValue, TState>)settings.Exchange.Instances[0].Stages[0];
        _cut = stage.Cut!;
        _closesAfter = stage.ClosesAfter;
        _pane = new OpenPane(_cut, _closesAfter);
        _panes = new(_cut, _closesAfter, _shards[0].StatesOf);
        _direct = new(_shards[0], _panes, records, time, chain);
        _newBatch = () => new(_machine, records, time, chain);
        _staged.Add(_newBatch());
        Exchange = new Shards(this);
    }

    public override IExchange Exchange { get; }

    public override string Topic => _settings.Plain.Topic;

    public override IReadOnlyList<SegmentInstance> Instances => _settings.Plain.Instances;

    public override SourceTrack Track => _settings.Plain.Track;

    public override void Build()
    {
    }

    public override void Run(int worker, IReadOnlyList<PlacedBatch> batches, int from, int to)
    {
        if (Ends(batches))
        {
            // A topic that ends in the middle of a step is rare, and the places behind its end are special.
            _settings.Plain.Run(worker, batches, from, to);
            return;
        }

        if (_shards.Length == 1)
        {
            RunAlone(batches);
            return;
        }

        lock (_staged)
        {
            if (_batches.Count == 0)
            {
                _batches.AddRange(batches);
            }

            while (_staged.Count < batches.Count)
            {
                _staged.Add(_newBatch());
            }
        }

        for (var i = from; i < to; i++)
        {
            _staged[i].Stage(batches[i].Batch, _settings.MaxAheadTicks);
        }
    }

    /// <summary>Does the topic end in this step, and not behind all that is left to do of it?</summary>
    private bool Ends(IReadOnlyList<PlacedBatch> batches)
    {
        var clock = _machine.ClockRecords;
        for (var i = 0; i < clock.Count; i++)
        {
            var record = clock[i];
            if (record.Completes(Topic)
                && (_shards.Length > 1 || (batches.Count > 0 && record.Place < batches[^1].FirstPlace)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// With one worker a batch is folded while it is warm: straight into a table that stays in the cache, else staged.
    /// </summary>
    private void RunAlone(IReadOnlyList<PlacedBatch> batches)
    {
        for (var i = 0; i < batches.Count; i++)
        {
            var placed = batches[i];
            _shards[0].Fire();
            if (_cut.IsSeamless && _panes.Table is not { IsLarge: true })
            {
                RunDirectly(placed);
            }
            else
            {
                RunStaged(placed, mayBeDirect: _cut.IsSeamless);
            }
        }
    }

    /// <summary>What stops it goes the other way, record by record; after some of these all that is left.</summary>
    private void RunDirectly(in PlacedBatch placed)
    {
        var rest = placed;
        for (var stops = 0; ; stops++)
        {
            var done = FoldDirectly(rest);
            if (done == rest.Batch.Count)
            {
                return;
            }

            rest = rest.From(done);
            if (stops == StopsMax || rest.Batch.Count == 1)
            {
                RunStaged(rest, mayBeDirect: false);
                return;
            }

            RunStaged(rest.First(), mayBeDirect: false);
            _shards[0].Fire();
            rest = rest.From(1);
        }
    }

    /// <summary>Folds the beginning of a batch without staging; returns how many records it went through.</summary>
    private int FoldDirectly(in PlacedBatch placed)
    {
        var before = Track.Current;
        if (before == WatermarkTrack.None)
        {
            return 0;
        }

        // Up to where no event can move the watermark past the end of a window.
        MoveNextEnd(before - _closesAfter);
        var ends = (Int128)_nextEnd + _closesAfter + _settings.LatenessTicks;
        var latest = Math.Min(EventTimes.Latest, placed.Batch.LogTime + _settings.MaxAheadTicks + 1);
        _panes.Begin(before, (long)Int128.Min(ends, latest));
        var done = _direct.Fold(placed.Batch);
        if (_direct.Highest > long.MinValue)
        {
            Track.Raise(
                placed.FirstPlace + done - 1,
                Math.Max(before, Math.Min(_direct.Highest, placed.Batch.LogTime) - _settings.LatenessTicks));
        }

        return done;
    }

    private void RunStaged(in PlacedBatch placed, bool mayBeDirect)
    {
        var staged = _staged[0];
        staged.Stage(placed.Batch, _settings.MaxAheadTicks);
        if (!staged.IsStaged)
        {
            _one[0] = placed;
            _settings.Plain.Run(0, _one, 0, 1);
            Track.MoveByEvents();
            _settings.Exchange.Deal();
            _settings.Exchange.Run(0);
            return;
        }

        var watermark = Track.Current;
        if (mayBeDirect && !IsAtOnce(placed, staged, out _))
        {
            RunDirectly(placed);
            return;
        }

        Take(placed, staged, MoveBy(placed, staged), watermark, 0);
    }

    /// <summary>Moves the watermark by what all workers staged, and says how each batch is folded.</summary>
    private void MoveByAll()
    {
        _ways.Clear();
        // One record that may be a dead letter, and the step goes the general way: its order is then the exchange's.
        var isPlain = false;
        for (var i = 0; i < _batches.Count; i++)
        {
            isPlain |= !_staged[i].IsStaged;
        }

        if (isPlain)
        {
            _settings.Plain.Run(0, _batches, 0, _batches.Count);
            Track.MoveByEvents();
            return;
        }

        for (var i = 0; i < _batches.Count; i++)
        {
            var watermark = Track.Current;
            _ways.Add((_batches[i], MoveBy(_batches[i], _staged[i]), watermark));
        }
    }

    /// <summary>Moves the watermark by a batch; true where it can be folded at once.</summary>
    private bool MoveBy(in PlacedBatch placed, FusedBatch<T, TKey, TRecords, TTime, TChain> staged)
    {
        if (!IsAtOnce(placed, staged, out var after))
        {
            staged.Observe(placed, Track);
            return false;
        }

        Track.Raise(placed.FirstPlace + placed.Batch.Count - 1, after);
        return true;
    }

    /// <summary>Can a batch be folded at once? Then it moves the watermark to a value.</summary>
    private bool IsAtOnce(
        in PlacedBatch placed, FusedBatch<T, TKey, TRecords, TTime, TChain> staged, out long after)
    {
        var before = Track.Current;
        after = Math.Max(before, Math.Min(staged.Highest, placed.Batch.LogTime) - _settings.LatenessTicks);
        return before != WatermarkTrack.None && !Passes(before - _closesAfter, after - _closesAfter)
            && (staged.Kept == 0 || _pane.TryMove(staged.FirstKept, staged.LastKept, before));
    }

    /// <summary>Does the watermark, less the grace, pass the end of a window, open or not, on its way?</summary>
    private bool Passes(long before, long after)
    {
        MoveNextEnd(before);
        return after >= _nextEnd;
    }

    private void MoveNextEnd(long watermark)
    {
        if (watermark >= _nextEnd)
        {
            _nextEnd = _cut.NextEnd(watermark);
        }
    }

    private void Take(
        in PlacedBatch placed, FusedBatch<T, TKey, TRecords, TTime, TChain> staged, bool isFast, long watermark,
        int shard)
    {
        var list = staged.Shards[shard];
        if (list.Count == 0)
        {
            return;
        }

        ref var origin = ref staged.Origin(placed.Batch);
        if (isFast)
        {
            _shards[shard].Fold(placed, list, (staged.FirstKept, staged.LastKept, watermark), ref origin);
        }
        else
        {
            _shards[shard].Each(placed, list, ref origin);
        }
    }

    /// <summary>The exchange's part: each worker takes what was staged for its keys, in order of place.</summary>
    private sealed class Shards(FusedSegment<T, TKey, TValue, TState, TRecords, TTime, TChain, TFold> segment)
        : IExchange
    {
        public IReadOnlyList<SegmentInstance> Instances => segment._settings.Exchange.Instances;

        public void Build()
        {
        }

        public void Deal()
        {
            segment.MoveByAll();
            segment._batches.Clear();
            segment._settings.Exchange.Deal();
        }

        public void Run(int worker)
        {
            for (var i = 0; i < segment._ways.Count; i++)
            {
                var (placed, isFast, watermark) = segment._ways[i];
                segment.Take(placed, segment._staged[i], isFast, watermark, worker);
            }

            // What came the general way, and the timers due by the end of the step.
            segment._settings.Exchange.Run(worker);
        }
    }
}
