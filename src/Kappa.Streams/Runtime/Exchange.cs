using System.Runtime.InteropServices;

namespace Kappa.Streams.Runtime;

/// <summary>What the machine needs to know of an exchange, whatever flows through it.</summary>
internal interface IExchange
{
    IReadOnlyList<SegmentInstance> Instances { get; }

    /// <summary>Builds the operators behind it, for every worker.</summary>
    void Build();

    /// <summary>Puts what the outboxes hold in order and deals it out to the shards.</summary>
    void Deal();

    /// <summary>Runs one worker's shard over its inputs and timers of the step.</summary>
    void Run(int worker);

    /// <summary>Runs all of them.</summary>
    void RunAll();
}

/// <summary>What an exchange is made of.</summary>
/// <param name="Name">The exchange.</param>
/// <param name="Time">Where the watermark of what it brings comes from.</param>
/// <param name="BuildBehind">Builds what comes behind it, for one worker.</param>
internal sealed record ExchangeSettings<TKey, T>(
    StageName Name, StreamTime Time, Func<SegmentInstance, IKeyedReceiver<TKey, T>> BuildBehind)
    where TKey : notnull
{
    /// <summary>
    /// The order in which a shard receives; null for that of the moments (rule T8). A look-up needs what a place
    /// changed to come behind everything that asks at that place (rule O3).
    /// </summary>
    public Comparison<Moment>? Order { get; init; }
}

/// <summary>One value on its way to the shard of its key.</summary>
internal readonly record struct Item<TKey, T>(Moment At, TKey Key, T Value, long EventTime);

/// <summary>
/// Brings each key's values to one shard, step by step, in order of their moments (rule T8). Which worker emitted what
/// leaves no trace.
/// </summary>
internal sealed class Exchange<TKey, T> : IExchange
    where TKey : notnull
{
    private readonly ExchangeSettings<TKey, T> _settings;
    private readonly JobMachine _machine;
    private readonly Comparison<Item<TKey, T>> _order;
    private readonly List<Item<TKey, T>>[] _outboxes;
    private readonly List<Item<TKey, T>>[] _inboxes;
    private readonly SegmentInstance[] _instances;
    private readonly IKeyedReceiver<TKey, T>[] _heads;
    private readonly Action<int> _run;

    public Exchange(ExchangeSettings<TKey, T> settings, JobMachine machine)
    {
        _settings = settings;
        _machine = machine;
        _order = settings.Order is { } order
            ? (left, right) => order(left.At, right.At)
            : (left, right) => left.At.CompareTo(right.At);
        var track = machine.TrackOf(settings.Time);
        _outboxes = [.. Enumerable.Range(0, machine.Workers).Select(_ => new List<Item<TKey, T>>())];

        // One worker takes them from where they were put.
        _inboxes = machine.Workers == 1
            ? _outboxes
            : [.. Enumerable.Range(0, machine.Workers).Select(_ => new List<Item<TKey, T>>())];
        _instances = [.. Enumerable.Range(0, machine.Workers)
            .Select(worker => new SegmentInstance(machine, worker, new KeyCell<TKey>()) { Track = track })];
        _heads = new IKeyedReceiver<TKey, T>[machine.Workers];
        _run = Run;
    }

    public IReadOnlyList<SegmentInstance> Instances => _instances;

    public void Build()
    {
        for (var worker = 0; worker < _heads.Length; worker++)
        {
            _heads[worker] = _settings.BuildBehind(_instances[worker]);
        }
    }

    /// <summary>The upstream end, in one worker's segment: gives each value its key.</summary>
    public IReceiver<T> BuildOutbox(SegmentInstance upstream, Func<T, TKey> key) =>
        new KeyingOutbox(this, upstream, key);

    /// <summary>The upstream end of a stream that has the key already.</summary>
    /// <param name="upstream">The segment in front.</param>
    /// <param name="wrap">Says by which side a value comes in.</param>
    public IKeyedReceiver<TKey, TIn> BuildOutbox<TIn>(SegmentInstance upstream, Func<TIn, T> wrap) =>
        new KeyedOutbox<TIn>(this, upstream, wrap);

    public void Deal()
    {
        _instances[0].Track.Settle();
        var all = _outboxes[0];
        foreach (var outbox in _outboxes.AsSpan(1))
        {
            all.AddRange(outbox);
            outbox.Clear();
        }

        if (!IsSorted(all))
        {
            all.Sort(_order);
        }

        if (_inboxes[0] == all)
        {
            return;
        }

        for (var i = 0; i < all.Count; i++)
        {
            var item = all[i];
            _inboxes[_machine.ShardOf(item.Key)].Add(
                item with { At = item.At with { Side = 0, Input = i, Emission = 0 } });
        }

        all.Clear();
    }

    public void RunAll() => _machine.Together(_instances.Length, _run, 0);

    public void Run(int worker)
    {
        var instance = _instances[worker];
        var clock = instance.Clock;
        var key = (KeyCell<TKey>)instance.Keys!;
        var track = instance.Track;
        var timers = Moment.Timer + track.Level;
        var inbox = CollectionsMarshal.AsSpan(_inboxes[worker]);
        var isOnly = _inboxes.Length == 1;
        for (var i = 0; i < inbox.Length; i++)
        {
            ref readonly var item = ref inbox[i];
            var input = isOnly ? i : item.At.Input;
            instance.FireBefore(item.At);
            var before = track.Before(item.At.Place);
            key.Value = item.Key;
            if (item.At.Phase == timers)
            {
                // As if the watermark rose tick by tick: what a timer causes is judged by a tick before it.
                clock.AtInput(
                    item.At, input, Math.Max(before, track.At(item.At.Place, item.At.Due - 1)),
                    Math.Max(before, track.At(item.At.Place, item.At.Due)));
            }
            else
            {
                clock.AtInput(item.At, input, before, before);
            }

            _heads[worker].Receive(item.Key, item.Value, item.EventTime);
        }

        _inboxes[worker].Clear();
        instance.FireAll();
    }

    private bool IsSorted(List<Item<TKey, T>> items)
    {
        for (var i = 1; i < items.Count; i++)
        {
            if (_order(items[i - 1], items[i]) > 0)
            {
                return false;
            }
        }

        return true;
    }

    private sealed class KeyingOutbox(Exchange<TKey, T> exchange, SegmentInstance upstream, Func<T, TKey> selector)
        : IReceiver<T>
    {
        private readonly List<Item<TKey, T>> _items = exchange._outboxes[upstream.Worker];
        private readonly long _way = upstream.Way;

        public void Receive(T value, long eventTime)
        {
            TKey key;
            try
            {
                key = selector(value);
            }
            catch (Exception error) when (UserCode.MayFail(error))
            {
                upstream.Side.Dead(exchange._settings.Name.Label, eventTime, error);
                return;
            }

            if (key is null)
            {
                upstream.Side.Dead(exchange._settings.Name.Label, eventTime, UserCode.NullKey);
                return;
            }

            _items.Add(new Item<TKey, T>(upstream.Clock.Emit(_way), key, value, eventTime));
        }
    }

    private sealed class KeyedOutbox<TIn>(Exchange<TKey, T> exchange, SegmentInstance upstream, Func<TIn, T> wrap)
        : IKeyedReceiver<TKey, TIn>
    {
        private readonly List<Item<TKey, T>> _items = exchange._outboxes[upstream.Worker];
        private readonly long _way = upstream.Way;

        public void Receive(TKey key, TIn value, long eventTime) =>
            _items.Add(new Item<TKey, T>(upstream.Clock.Emit(_way), key, wrap(value), eventTime));
    }
}
