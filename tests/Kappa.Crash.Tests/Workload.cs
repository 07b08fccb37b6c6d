namespace Kappa.Crash;

/// <summary>
/// One seeded life of a log: topics, requests of producers and others, bursts, full segments, failing disks, restarts
/// and power losses. Before each change of the disk, and after each step, it keeps an image to lose power in.
/// </summary>
internal sealed class Workload : IDisposable
{
    public const string Folder = "/log";
    private const int Steps = 24;
    private static readonly string[] Names = ["orders", "trips"];
    private readonly Random _random;
    private readonly Plant _plant;
    private readonly ManualTime _time = new();
    private readonly Dictionary<string, long> _numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Sent> _open = new(StringComparer.Ordinal);
    private readonly int _bigBytes;
    private readonly List<string> _violations = [];
    private FaultyFileSystem _disk = new();
    private EmbeddedLog? _log;
    private IReadOnlyDictionary<(string, int), long> _seenEnds = new Dictionary<(string, int), long>();
    private long _seenTo;
    private string _step = "";
    private TaskCompletionSource? _arrived;
    private ManualResetEventSlim? _gate;
    private Func<string, string, KappaException?>? _fault;

    public Workload(int seed, Plant plant)
    {
        _random = new Random(seed);
        _plant = plant;
        _bigBytes = _random.Next(3) == 0 ? 24 << 10 : 600;
    }

    public Ledger Ledger { get; } = new();

    public List<Image> Images { get; } = [];

    /// <summary>What was wrong already while it lived.</summary>
    public IReadOnlyList<string> Violations => _violations;

    public static LogOptions OptionsFor(IFileSystem files, TimeProvider time, Plant plant) => plant.Options(
        new LogOptions
        {
            Folder = Folder,
            Files = plant.Files(files),
            Time = time,
            SegmentBytesMax = 64 << 10,
            BatchBytesMax = 8 << 10,
        });

    /// <summary>Lives it to its end; closes the log.</summary>
    public async Task<FaultyFileSystem> RunAsync()
    {
        _disk.Fault = Before;
        await StepAsync("open", OpenAsync);
        for (var i = 0; i < Steps && _log is not null; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(_random.Next(1, 2_000)));
            var (name, act) = Choose(i);
            await StepAsync(FormattableString.Invariant($"{name} (step {i})"), act);
        }

        _fault = null;
        await StepAsync("close", async () => await CloseAsync());
        return _disk;
    }

    public void Dispose() => _gate?.Dispose();

    private (string, Func<Task>) Choose(int step)
    {
        if (step == 0 || Ledger.Topics.Count == 0)
        {
            return ("create a topic", CreateAsync);
        }

        return _random.Next(20) switch
        {
            0 => ("create a topic", CreateAsync),
            1 or 2 => ("append", () => AppendAsync(1, 20)),
            3 or 4 => ("append over partitions", () => AppendAsync(_random.Next(2, 7), 40)),
            5 or 6 => ("append much", () => AppendAsync(2, _bigBytes)),
            7 or 8 or 9 => ("append numbered", () => NumberedAsync(_random.Next(1, 6), 30)),
            10 => ("append much numbered", () => NumberedAsync(3, _bigBytes / 2)),
            11 or 12 => ("burst", BurstAsync),
            13 => ("repeat", RepeatAsync),
            14 => ("fail once", () => FailAsync(1)),
            15 => ("fail for a while", () => FailAsync(_random.Next(2, 30))),
            16 => ("restart", RestartAsync),
            17 => ("lose power", LosePowerAsync),
            18 => ("wait a minute", WaitAsync),
            _ => ("set the clock back", SetBackAsync),
        };
    }

    private async Task StepAsync(string name, Func<Task> act)
    {
        _step = name;
        try
        {
            await act();
        }
        catch (KappaException) when (_fault is not null)
        {
            // The disk failed, and was said to. What became of the request is for the images to tell.
        }
        catch (KappaException trouble)
        {
            _violations.Add($"{name}: {trouble.Message}");
        }

        _disk.Still(() => Keep("after " + name));
    }

    private KappaException? Before(string what, string path)
    {
        Keep($"before {what} of {path} in {_step}");

        if (_arrived is { } arrived && path.EndsWith(".segment", StringComparison.Ordinal))
        {
            arrived.TrySetResult();
            _gate!.Wait();
        }

        return _fault?.Invoke(what, path);
    }

    private void Keep(string at)
    {
        if (_log is { } log)
        {
            var ends = new Dictionary<(string, int), long>(_seenEnds);
            foreach (var (topic, partitions, _) in Ledger.Topics.ToArray())
            {
                for (var partition = 0; partition < partitions; partition++)
                {
                    var key = (topic, partition);
                    var end = _plant.EndOf(log, _disk, topic, partition);
                    ends[key] = Math.Max(end, ends.GetValueOrDefault(key));
                }
            }

            _seenEnds = ends;
            _seenTo = Math.Max(_seenTo, log.CompleteTo);
        }

        Images.Add(new Image(
            _disk.Copy(), Ledger.Acks, Ledger.Count, _seenEnds, _seenTo, _time.GetUtcNow(), _step, at));
    }

    private async Task OpenAsync()
    {
        _plant.BeforeOpening(_disk);
        var options = OptionsFor(_disk, _time, _plant);
        _log = await EmbeddedLog.OpenAsync(options, CancellationToken.None);
        _plant.AfterOpening(options.Files);
    }

    private async Task CloseAsync()
    {
        if (_log is { } log)
        {
            await log.DisposeAsync();
            _log = null;
        }
    }

    private async Task CreateAsync()
    {
        var topic = Names[_random.Next(Names.Length)];
        if (Ledger.Topics.Exists(one => one.Topic == topic))
        {
            return;
        }

        var partitions = _random.Next(1, 4);
        await _log!.ChangeAsync(new CreateTopic(topic, partitions), CancellationToken.None);
        Ledger.TopicMade(topic, partitions);
    }

    private string AnyTopic() => Ledger.Topics[_random.Next(Ledger.Topics.Count)].Topic;

    private List<string?> Keys(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => _random.Next(4) == 0 ? null : "k" + _random.Next(20))];

    private Task AppendAsync(int records, int fill) => SendAsync(Ledger.Send(AnyTopic(), Keys(records), fill));

    private async Task SendAsync(Sent sent)
    {
        var result = await _log!.AppendAsync(_plant.Taken(sent.Request), CancellationToken.None);
        if (sent.Result is { } before)
        {
            if (!before.Batches.SequenceEqual(result.Batches))
            {
                _violations.Add($"{_step}: request {sent.Id} was repeated and is said to be elsewhere");
            }

            return;
        }

        Ledger.Acknowledge(sent, result);
    }

    private Sent Numbered(string producer, int records, int fill)
    {
        var number = _numbers.GetValueOrDefault(producer, 1);
        _numbers[producer] = number + 1;
        return Ledger.Send(AnyTopic(), Keys(records), fill, producer, number);
    }

    // A request of which nobody knows what became is sent again until somebody does.
    private async Task NumberedAsync(int records, int fill)
    {
        var producer = _random.Next(2) == 0 ? "shop" : "till";
        if (!_open.TryGetValue(producer, out var sent))
        {
            _open.Add(producer, sent = Numbered(producer, records, fill));
        }

        await SendAsync(sent);
        _open.Remove(producer);
    }

    private Task RepeatAsync()
    {
        for (var id = Ledger.Count - 1; id >= 0; id--)
        {
            if (Ledger[id] is { Request.Producer: { } producer, Result: not null } sent && !_open.ContainsKey(producer))
            {
                return SendAsync(sent);
            }
        }

        return Task.CompletedTask;
    }

    // The first one is held at the disk until the others wait behind it, so these make one group.
    private async Task BurstAsync()
    {
        using var gate = _gate = new ManualResetEventSlim();
        _arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = SendAsync(Ledger.Send(AnyTopic(), Keys(1), 10));
        await Task.WhenAny(_arrived.Task, first);
        var all = new List<Task> { first };
        for (var i = 0; i < 5; i++)
        {
            all.Add(SendAsync(Ledger.Send(AnyTopic(), Keys(_random.Next(1, 4)), 60)));
        }

        if (!_open.ContainsKey("shop"))
        {
            _open.Add("shop", Numbered("shop", 2, 20));
            all.Add(SendAsync(_open["shop"]));
        }

        _arrived = null;
        gate.Set();
        await Task.WhenAll(all);
        if (_open.TryGetValue("shop", out var shop) && shop.Result is not null)
        {
            _open.Remove("shop");
        }
    }

    private async Task FailAsync(int times)
    {
        var left = times;
        var wait = _random.Next(4);
        var isFull = _random.Next(3) == 0;
        var kind = _random.Next(4) switch { 0 => "write", 1 => "sync folder", _ => "sync" };
        _fault = (what, path) => (isFull ? what is "write" or "create" : what == kind || times > 4)
            ? wait-- > 0 || left-- <= 0 ? null : Failure(path, isFull)
            : null;
        try
        {
            for (var i = 0; i < 3 && _log is not null; i++)
            {
                await StepAsync(_step, _random.Next(2) == 0
                    ? () => AppendAsync(_random.Next(1, 4), 50)
                    : () => NumberedAsync(_random.Next(1, 4), 50));
            }
        }
        finally
        {
            _fault = null;
        }

        // A disk that failed for good is a log that is opened again.
        await RestartAsync();
    }

    private static KappaException Failure(string path, bool isFull) => isFull
        ? new DiskFullException(path)
        : new KappaException(ErrorKind.Unavailable, $"The disk did not keep '{path}'.", "Check the disk.");

    private async Task RestartAsync()
    {
        await CloseAsync();
        await OpenAsync();
    }

    // The life before ends on a disk of its own, so nothing it still does is seen by the next.
    private async Task LosePowerAsync()
    {
        var after = _disk.Crash(_random);
        _disk.Fault = null;
        await CloseAsync();
        _disk = after;
        _disk.Fault = Before;
        await OpenAsync();
    }

    private Task WaitAsync()
    {
        _time.Advance(TimeSpan.FromSeconds(61));
        return AppendAsync(1, 5);
    }

    private Task SetBackAsync()
    {
        _time.SetWall(_time.GetUtcNow() - TimeSpan.FromMinutes(_random.Next(1, 120)));
        return AppendAsync(2, 5);
    }
}
