using System.Diagnostics;

namespace Kappa.Torture;

/// <summary>
/// Kills the real server again and again while producers append, readers read and an operator goes round the loop, and
/// in the end compares log and tables with what is known from outside.
/// </summary>
internal sealed class Torture : IDisposable
{
    private const int FirstLines = 20_000;
    private const int OutputLines = 20;
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(30);
    private readonly TortureOptions _options;
    private readonly Action<string> _say;
    private readonly Supervisor _server;
    private readonly AnswerCheck _check;
    private readonly Operator _loop;
    private readonly string _root = Directory.CreateTempSubdirectory("kappa-torture-").FullName;
    private List<Producer> _producers = [];
    private bool _isKept;

    public Torture(TortureOptions options, Action<string> say)
    {
        _options = options;
        _say = say;
        Moments = new Moments(new Random(options.Seed + 1));
        _server = new Supervisor(Path.Combine(_root, "data"), Findings);
        _check = new AnswerCheck(Findings);
        _loop = new Operator(_server, _check);
    }

    public Findings Findings { get; } = new();

    public Moments Moments { get; }

    /// <summary>What the server said last on its error output.</summary>
    public IEnumerable<string> Output => _server.Output.TakeLast(OutputLines);

    /// <summary>Leaves the folder, for whoever looks for the cause.</summary>
    /// <returns>Its path.</returns>
    public string Keep()
    {
        _isKept = true;
        return _root;
    }

    public string LastLine => FormattableString.Invariant(
        $"kills {Moments.Total} acked {_producers.Sum(producer => producer.AcknowledgedRecords)} {Findings}");

    /// <summary>Runs all of it; the findings say what is wrong.</summary>
    /// <exception cref="TortureException">The server did something after which nothing can be compared.</exception>
    public async Task RunAsync()
    {
        var watch = Stopwatch.StartNew();
        _say(FormattableString.Invariant($"seed {_options.Seed}, {_options.Kills} kills"));
        await PrepareAsync();
        _say(FormattableString.Invariant($"prepared after {watch.Elapsed.TotalSeconds:0} s"));
        var readers = Enumerable.Range(0, 2).Select(_ => new Reader(_server, _check, Findings)).ToList();
        var reading = readers.Select((reader, i) => reader.RunAsync(new Random(_options.Seed + 10 + i))).ToList();
        var sending = _producers
            .Select((producer, i) => producer.RunAsync(new Random(_options.Seed + 20 + i))).ToList();
        var rounds = new Rounds(
            _options.Kills, new Random(_options.Seed), _server, _loop, _check, Moments, _producers);
        var killing = rounds.RunAsync();
        var working = Task.WhenAny([killing, .. reading, .. sending]);
        while (await Task.WhenAny(working, Task.Delay(ProgressEvery)) != working)
        {
            _say(FormattableString.Invariant($"{Moments.Hits} of {_options.Kills} kills, {_check.Answers} answers, ")
                + FormattableString.Invariant($"{_producers.Sum(producer => producer.AcknowledgedRecords)} acked, ")
                + FormattableString.Invariant($"{GC.GetTotalMemory(false) >> 20} MiB, ")
                + FormattableString.Invariant($"{watch.Elapsed.TotalSeconds:0} s; {Findings}"));
        }

        await await working;
        await killing;
        _say(FormattableString.Invariant(
            $"kills: {Moments} ({rounds.AfterAnswer} behind the answer); {_check.Answers} answers judged; ")
            + FormattableString.Invariant($"{watch.Elapsed.TotalSeconds:0} s"));
        _producers.ForEach(producer => producer.Stop());
        await Task.WhenAll(sending);
        readers.ForEach(reader => reader.Stop());
        await Task.WhenAll(reading);
        await new Judgement(_server, _loop, _producers, _root, Findings).RunAsync();
        _say(FormattableString.Invariant($"judged after {watch.Elapsed.TotalSeconds:0} s"));
    }

    public void Dispose()
    {
        _server.Dispose();
        if (!_isKept)
        {
            Directory.Delete(_root, recursive: true);
        }
    }

    /// <summary>A log with history, version 1 live, and what both codes make of the trips that are over.</summary>
    private async Task PrepareAsync()
    {
        var life = await _server.StartAsync();
        var lines = await Traffic.SimulateAsync(_root, 45 + (2 * _options.Kills), _options.Seed);
        await life.Client.CreateTopicAsync(new Client.CreateTopicRequest(Producer.Topic, 4));
        await _loop.UploadAsync();
        _producers = [.. lines.Select(mine => new Producer(_server, mine, Findings))];
        await Task.WhenAll(_producers.Select(producer => producer.LoadAsync(FirstLines / 2)));
        var first = await _loop.DeployAsync(1);
        await _loop.UntilAsync(first, "Live");
        var second = await _loop.DeployAsync(2);
        await _loop.UntilAsync(second, "Ready");
        var end = _producers.Max(producer => producer.LatestPlace);
        await _loop.ReachAsync(first, end);
        await _loop.ReachAsync(second, end);

        var finished = await Reader.FinishedTripsAsync(life);
        var (one, two) = (await KnowAsync(life, first, finished), await KnowAsync(life, second, finished));

        // The second code asks for order: where one producer lagged far behind, all of a trip may be late for it.
        var missing = one.Keys.Count(trip => !two.ContainsKey(trip));
        var differing = one.Count(trip => two.GetValueOrDefault(trip.Key) != trip.Value);
        _say(FormattableString.Invariant($"{one.Count} trips are over; the two codes differ in {differing} of them, ")
            + FormattableString.Invariant($"{missing} of which are late for the second"));
        if (differing == 0)
        {
            throw new TortureException("The codes cannot be told apart: choose another seed.");
        }

        await life.Client.DropAsync(second);
        _loop.IsLive(first);
    }

    private async Task<Dictionary<string, string>> KnowAsync(
        ServerProcess life, string version, HashSet<string> finished)
    {
        var rows = (await Reader.TripsAsync(life, version)).Rows
            .Where(row => finished.Contains(row.Key)).ToDictionary(row => row.Key, row => row.Value);
        _check.Know(_loop.CodeOf(version), rows);
        return rows;
    }
}
