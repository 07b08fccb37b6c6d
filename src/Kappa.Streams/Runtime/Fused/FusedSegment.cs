namespace Kappa.Streams.Runtime.Fused;

/// <summary>What a fused segment is made of.</summary>
/// <param name="Plain">The same segment as it runs record by record.</param>
/// <param name="Exchange">The exchange behind it, as it runs record by record.</param>
/// <param name="LatenessTicks">How far it stays behind.</param>
/// <param name="MaxAheadTicks">How far event time may be ahead of log time (rule T3).</param>
internal sealed record FusedSettings(
    GeneralSegment Plain, IExchange Exchange, long LatenessTicks, long MaxAheadTicks);

/// <summary>
/// A source, what lies in front of its key, and the fold by windows behind it, as one loop over a batch. A batch whose
/// records are all plain, all fall into the same open windows, and by which no window closes, is folded at once: what
/// each single record's watermark would have said about it is then the same. Every other batch goes record by record,
/// and one with a record that may be a dead letter through the general segment (promise P2).
/// </summary>
internal sealed partial class FusedSegment<T, TKey, TValue, TState, TRecords, TTime, TChain, TFold> : SourceSegment
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
    private readonly DirectFold _direct;
    private readonly FusedBatch<T, TKey, TRecords, TTime, TChain> _staged;
    private readonly PlacedBatch[] _one = new PlacedBatch[1];
    private readonly Action<int> _stage;
    private readonly Action<int> _foldAndStage;
    private readonly Action<int> _runAlone;
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
        _panes = new(
            _cut, _closesAfter, (shard, window) => _shards[shard].StatesOf(window), Math.Min(2, _shards.Length));
        _direct = _shards.Length == 1
            ? new DirectFold<T, TKey, TValue, TState, TRecords, TTime, TChain, TFold, OneShard>(
                _shards[0], _panes, records, time, chain, default)
            : new DirectFold<T, TKey, TValue, TState, TRecords, TTime, TChain, TFold, TwoShards>(
                _shards[0], _panes, records, time, chain, new TwoShards(_machine));
        _staged = new(_machine, records, time, chain);
        _round = new(() => new(_machine, records, time, chain));
        _ahead = new(() => new(_machine, records, time, chain));
        (_stage, _foldAndStage, _runAlone) = (Stage, FoldAndStage, _ => RunAlone(_batches));
    }

    public override string Topic => _settings.Plain.Topic;

    public override IReadOnlyList<SegmentInstance> Instances => _settings.Plain.Instances;

    public override SourceTrack Track => _settings.Plain.Track;

    public override void Build()
    {
    }

    public override void Run(IReadOnlyList<PlacedBatch> batches)
    {
        if (Ends(batches))
        {
            // A topic that ends in the middle of a step is rare, and the places behind its end are special.
            _settings.Plain.Run(batches);
        }
        else if (_shards.Length == 1)
        {
            RunAlone(batches);
        }
        else if (_shards.Length == 2 && _cut.IsSeamless && !_panes.IsLarge)
        {
            // One folds into small tables, and the other reads: what is staged for two takes longer.
            _batches = batches;
            _machine.Together(1, _runAlone, int.MaxValue);
        }
        else
        {
            RunTogether(batches);
        }
    }

    /// <summary>Does the topic end in this step, and not behind all that is left to do of it?</summary>
    private bool Ends(IReadOnlyList<PlacedBatch> batches)
    {
        var clock = _machine.ClockRecords;
        for (var i = 0; i < clock.Count; i++)
        {
            var record = clock[i];
            if (record.Completes(Topic) && batches.Count > 0 && record.Place < batches[^1].FirstPlace)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Where one works alone, a batch is folded while it is warm: straight into a table that stays in the cache, else
    /// staged.
    /// </summary>
    private void RunAlone(IReadOnlyList<PlacedBatch> batches)
    {
        for (var i = 0; i < batches.Count; i++)
        {
            var placed = batches[i];
            Fire();
            if (_cut.IsSeamless && !_panes.IsLarge)
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
        if (Track.Current == WatermarkTrack.None)
        {
            RunStaged(placed, mayBeDirect: false);
            return;
        }

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
            Fire();
            rest = rest.From(1);
        }
    }

    private void Fire()
    {
        foreach (var shard in _shards)
        {
            shard.Fire();
        }
    }

    /// <summary>Folds the beginning of a batch without staging; returns how many records it went through.</summary>
    private int FoldDirectly(in PlacedBatch placed)
    {
        var before = Track.Current;

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
        _staged.Stage(placed.Batch, _settings.MaxAheadTicks);
        if (!_staged.IsStaged)
        {
            RunPlain(placed);
            return;
        }

        var watermark = Track.Current;
        if (mayBeDirect && !IsAtOnce(placed, _staged, out _))
        {
            RunDirectly(placed);
            return;
        }

        var isFast = MoveBy(placed, _staged);
        for (var shard = 0; shard < _shards.Length; shard++)
        {
            Take(placed, _staged, isFast, watermark, shard);
        }
    }

    /// <summary>A batch with a record that may be a dead letter.</summary>
    private void RunPlain(in PlacedBatch placed)
    {
        _one[0] = placed;
        _settings.Plain.Run(0, _one, 0, 1);
        Track.MoveByEvents();
        _settings.Exchange.Deal();
        for (var worker = 0; worker < _shards.Length; worker++)
        {
            _settings.Exchange.Run(worker);
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
}
