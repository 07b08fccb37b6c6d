using System.Globalization;
using System.Text;
using System.Text.Json;
using Kappa.Log.Tests;
using Kappa.Streams.Tests;
using Kappa.Tables.Loop;

namespace Kappa.Simulation;

/// <summary>
/// A whole engine from one seed: the real log, journal, versions and runs, over a disk that fails and loses power, a
/// wall clock that jumps, a store whose answers get lost, processes that are paused and wake after others took over.
/// The loop goes round in it: versions of changed code are made, readers are switched and back, versions are dropped.
/// One thing happens at a time; only the order in which two versions start is left to the thread pool.
/// </summary>
internal sealed partial class World : IAsyncDisposable
{
    private const string Topic = "readings";
    private const string Producer = "fleet";
    private const int Actions = 90;
    private const int VersionsMax = 6;
    private const int RecordsMax = 500;

    private readonly int _seed;
    private readonly string? _plant;
    private readonly Random _random;
    private readonly ChangingJob _job;
    private readonly ManualTime _time = new();
    private readonly SimulatedStore _store;
    private readonly List<(Process Process, Machine Machine)> _paused = [];
    private readonly List<IAsyncDisposable> _gone = [];
    private readonly Judge _judge;
    private readonly Queue<Reading> _readings;
    private Machine _machine;
    private ILog _log = null!;
    private Process _process = null!;
    private (int Number, NewRecord[] Records)? _undecided;
    private int _number;

    public World(int seed, string? plant)
    {
        (_seed, _plant, _random) = (seed, plant, new Random(seed));
        _job = new ChangingJob(seed);
        _time.SetWall(Sequence.Origin.AddDays(1));
        _store = new SimulatedStore(plant);
        _machine = new Machine(new FaultyFileSystem(), _time, _random.Next(), plant, Tell);
        _judge = new Judge(_job, _store);
        _readings = new Queue<Reading>(Sequence.Random(seed, RecordsMax, 2, complete: false).Readings
            .Select(pair => pair.Reading));
    }

    public int Steps { get; private set; }

    public int Crashes { get; private set; }

    /// <summary>How often readers were moved to another version, rollbacks included.</summary>
    public int Switches => Math.Max(0, _process.Catalog.Owners(_job.Name).Count - 1);

    public int Drops => _process.Catalog.Versions.Count(version => version.State == VersionState.Dropped);

    /// <summary>What was found, each with the step it was found at.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>What happened, a line for each step.</summary>
    public List<string> Story { get; } = [];

    public async Task RunAsync()
    {
        try
        {
            await StartAsync();
            await TryAsync("create", () => _log.ChangeAsync(new CreateTopic(Topic, 2), CancellationToken.None)
                .AsTask());
            await TryAsync("make", () => _process.MakeAsync(Place.Start));
            while (Steps < Actions && Violations.Count == 0)
            {
                Steps++;
                await ActAsync();
                await SettleAsync();
            }

            if (Violations.Count == 0)
            {
                await FinishAsync();
            }
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            Violate($"{error.GetType().Name}: {error.Message} {error.StackTrace?.Split('\n').FirstOrDefault()}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (process, _) in _paused)
        {
            await DisposeAsync(process);
        }

        foreach (var gone in _gone)
        {
            await DisposeAsync(gone);
        }

        await DisposeAsync(_process);
        await DisposeAsync(_log);
    }

    private static async Task DisposeAsync(IAsyncDisposable? part)
    {
        try
        {
            await (part?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
        catch (KappaException)
        {
            // The power is off: nobody hears what it could not write.
        }
    }

    private void Violate(string what) => Violations.Add(string.Create(
        CultureInfo.InvariantCulture, $"seed {_seed} ({_job.Name}) step {Steps}: {what}"));

    private void Tell(string what)
    {
        lock (Story)
        {
            Story.Add(what);
        }
    }

    private Task ActAsync() => _random.Next(118) switch
    {
        < 34 => AppendAsync(),
        < 70 => GrantAsync(),
        < 75 => JumpAsync(),
        < 82 => TroubleAsync(),
        < 86 => RestartAsync(),
        < 93 => CrashAsync(),
        < 96 => PauseAsync(),
        < 99 => WakeAsync(),
        < 104 => MakeAsync(),
        _ => LoopAsync(),
    };

    /// <summary>What could fail for good reasons; a program would try again later.</summary>
    private async Task<bool> TryAsync(string what, Func<Task> act)
    {
        try
        {
            await act();
            Tell(what);
            return true;
        }
        catch (KappaException refused) when (refused.Kind == ErrorKind.Unavailable || _machine.IsDead)
        {
            Tell($"{what}: {refused.Message}");
            return false;
        }
    }

    /// <summary>
    /// Sends the next records, or again those of which it is not known what became of them (rule L8).
    /// </summary>
    private async Task AppendAsync()
    {
        if (_undecided is null)
        {
            var number = ++_number;
            var count = Math.Min(_random.Next(1, 12), _readings.Count);
            if (count == 0)
            {
                return;
            }

            _undecided = (number, [.. Enumerable.Range(0, count).Select(index => new NewRecord(
                Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{number}-{index}")),
                JsonSerializer.SerializeToUtf8Bytes(_readings.Dequeue(), JsonSerializerOptions.Web)))]);
        }

        var request = _undecided.Value;
        _time.Advance(TimeSpan.FromMilliseconds(_random.Next(1, 2_000)));
        Appended? answer = null;
        if (await TryAsync($"append {request.Number}", async () => answer = await _process.Log.AppendAsync(
            new AppendRequest(Topic, request.Records, Producer, request.Number), CancellationToken.None)))
        {
            _judge.Acknowledge(request.Records, answer!);
            _undecided = null;
        }
    }

    private async Task GrantAsync()
    {
        var gates = _process.Log.Gates;
        if (gates.Count > 0)
        {
            var (at, batches) = (_random.Next(gates.Count), _random.Next(1, 14));
            Tell($"run {at} reads {batches}");
            gates[at].Grant(batches);
        }

        await Task.CompletedTask;
    }

    /// <summary>The wall clock jumps, back or forth.</summary>
    private Task JumpAsync()
    {
        var by = TimeSpan.FromSeconds(_random.Next(-1_200, 1_200));
        Tell($"the clock jumps by {by}");
        _time.SetWall(_time.GetUtcNow() + by);
        return Task.CompletedTask;
    }

    private Task TroubleAsync()
    {
        var what = new[] { "write", "sync", "sync folder", "create", "rename" }[_random.Next(5)];
        var times = _random.Next(1, 4);
        Tell($"{what} will fail {times} times");
        _machine.Fail(what, times);
        return Task.CompletedTask;
    }

    private Task CrashAsync()
    {
        switch (_random.Next(3))
        {
            case 0:
                Tell("power goes at the next commit");
                _process.Store.DiesAtCommit = true;
                break;
            case 1:
                Tell("power goes");
                _machine.Die();
                break;
            default:
                Tell("power goes soon");
                _machine.DieAfter(_random.Next(1, 25));
                break;
        }

        return Task.CompletedTask;
    }

    private async Task MakeAsync()
    {
        var catalog = _process.Catalog;
        if (catalog.Versions.Count(version => version.Runs) < 2 && catalog.Versions.Count() < VersionsMax
            && !_process.IsBusy)
        {
            await TryAsync("reprocess", () => _process.MakeAsync(Place.Start));
        }
    }

    /// <summary>A verb of the loop begins, or the deadline of one passes; what is not legal now is refused.</summary>
    private Task LoopAsync()
    {
        var catalog = _process.Catalog;
        var others = catalog.Versions.Where(version => version.Version != catalog.Live(_job.Name)?.Version
            && version.State != VersionState.Dropped).ToList();
        switch (_random.Next(8))
        {
            case 0 when _process.IsBusy:
                Tell("the deadline passes");
                _process.PassDeadline();
                break;
            case < 4 when !_process.IsBusy && catalog.Ready(_job.Name) is { } ready:
                Tell($"switch to {ready.Version}");
                _process.Switch(ready.Version, Tell);
                break;
            case < 6 when !_process.IsBusy && catalog.PreviousLive(_job.Name) is not null:
                Tell("rollback");
                _process.Switch(null, Tell);
                break;
            case > 5 when !_process.IsBusy && others.Count > 0:
                var version = others[_random.Next(others.Count)].Version;
                Tell($"drop {version}");
                _process.Drop(version, Tell);
                break;
        }

        return Task.CompletedTask;
    }
}
