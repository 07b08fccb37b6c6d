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
}

/// <summary>What an exchange is made of.</summary>
/// <param name="Name">The exchange.</param>
/// <param name="Source">The source it flows from.</param>
/// <param name="HoldTicks">How far its watermark stays behind the source's.</param>
/// <param name="Key">Gives each value its key.</param>
/// <param name="BuildBehind">Builds what comes behind it, for one worker.</param>
internal sealed record ExchangeSettings<TKey, T>(
    StageName Name, int Source, long HoldTicks, Func<T, TKey> Key,
    Func<SegmentInstance, IKeyedReceiver<TKey, T>> BuildBehind)
    where TKey : notnull;

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
    private readonly List<Item<TKey, T>>[] _outboxes;
    private readonly List<Item<TKey, T>>[] _inboxes;
    private readonly SegmentInstance[] _instances;
    private readonly IKeyedReceiver<TKey, T>[] _heads;

    public Exchange(ExchangeSettings<TKey, T> settings, JobMachine machine)
    {
        _settings = settings;
        _machine = machine;
        var track = machine.TrackOf(settings.Source);
        _outboxes = [.. Enumerable.Range(0, machine.Workers).Select(_ => new List<Item<TKey, T>>())];
        _inboxes = [.. Enumerable.Range(0, machine.Workers).Select(_ => new List<Item<TKey, T>>())];
        _instances = [.. Enumerable.Range(0, machine.Workers)
            .Select(worker => new SegmentInstance(machine, worker) {
                Track = track, HoldTicks = settings.HoldTicks, Keys = new KeyCell<TKey>(),
            })];
        _heads = new IKeyedReceiver<TKey, T>[machine.Workers];
    }

    public IReadOnlyList<SegmentInstance> Instances => _instances;

    public void Build()
    {
        for (var worker = 0; worker < _heads.Length; worker++)
        {
            _heads[worker] = _settings.BuildBehind(_instances[worker]);
        }
    }

    public IReceiver<T> BuildOutbox(SegmentInstance upstream) => new Outbox(this, upstream);

    public void Deal()
    {
        var all = _outboxes[0];
        if (_outboxes.Length > 1)
        {
            foreach (var outbox in _outboxes.Skip(1))
            {
                all.AddRange(outbox);
                outbox.Clear();
            }
        }

        if (!IsSorted(all))
        {
            all.Sort((left, right) => left.At.CompareTo(right.At));
        }

        for (var i = 0; i < all.Count; i++)
        {
            var item = all[i];
            _inboxes[_machine.ShardOf(item.Key)].Add(item with { At = item.At with { Input = i, Emission = 0 } });
        }

        all.Clear();
    }

    public void Run(int worker)
    {
        var instance = _instances[worker];
        var clock = instance.Clock;
        var key = (KeyCell<TKey>)instance.Keys!;
        var track = instance.Track;
        foreach (var item in _inboxes[worker])
        {
            long watermark;
            if (item.At.Due == Moment.Record)
            {
                instance.FireBeforeRecord(item.At.Place);
                watermark = track.Before(item.At.Place);
            }
            else
            {
                instance.FireBeforeDue(item.At.Place, item.At.Due);
                watermark = Math.Max(item.At.Due - 1, track.Before(item.At.Place));
            }

            key.Value = item.Key;
            clock.AtInput(item.At, instance.Held(watermark));
            _heads[worker].Receive(item.Key, item.Value, item.EventTime);
        }

        _inboxes[worker].Clear();
        instance.FireAll();
    }

    private static bool IsSorted(List<Item<TKey, T>> items)
    {
        for (var i = 1; i < items.Count; i++)
        {
            if (items[i - 1].At.CompareTo(items[i].At) > 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The upstream end, in one worker's segment.</summary>
    private sealed class Outbox(Exchange<TKey, T> exchange, SegmentInstance upstream) : IReceiver<T>
    {
        private readonly List<Item<TKey, T>> _items = exchange._outboxes[upstream.Worker];

        public void Receive(T value, long eventTime)
        {
            TKey key;
            try
            {
                key = exchange._settings.Key(value);
            }
            catch (Exception error) when (UserCode.MayFail(error))
            {
                upstream.Side.Dead(exchange._settings.Name.Label, eventTime, error);
                return;
            }

            if (key is null)
            {
                upstream.Side.Dead(exchange._settings.Name.Label, eventTime, "The key is null.");
                return;
            }

            _items.Add(new Item<TKey, T>(upstream.Clock.Emit(), key, value, eventTime));
        }
    }
}
