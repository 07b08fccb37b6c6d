using Kappa.Client;

namespace Kappa.Torture;

/// <summary>
/// Sends numbered requests one after the other and repeats each, under its number, until a server has acknowledged it
/// (rule L8). To every new life of the server it repeats the last acknowledged one too, which must add nothing.
/// </summary>
internal sealed class Producer(Supervisor server, List<SentRecord> lines, Findings findings)
{
    public const string Topic = "telemetry";
    private const int LinesMax = 12;
    private const int BulkLines = 500;

    private readonly List<SentRecord> _sent = [];
    private int _next;
    private long _number;
    private (Request Request, string Place)? _latest;
    private ServerProcess? _life;
    private volatile bool _isHurried;
    private volatile bool _isInFlight;
    private volatile bool _isStopped;
    private int _interrupted;

    public string Name { get; } = lines[0].Producer;

    /// <summary>Every record sent so far, acknowledged or not.</summary>
    public IReadOnlyList<SentRecord> Sent => _sent;

    /// <summary>The number of the last acknowledged request.</summary>
    public long Acknowledged { get; private set; }

    public long AcknowledgedRecords { get; private set; }

    /// <summary>The place behind the last acknowledged record.</summary>
    public Log.Place LatestPlace => Log.Place.TryParse(_latest?.Place, out var place) ? place : default;

    /// <summary>Requests whose answer a kill cut off.</summary>
    public int Interrupted => Volatile.Read(ref _interrupted);

    public bool IsInFlight => _isInFlight;

    /// <summary>Send without pauses.</summary>
    public void Hurry(bool hurried) => _isHurried = hurried;

    public void Stop() => _isStopped = true;

    /// <summary>Sends the first so many lines in large requests.</summary>
    public async Task LoadAsync(int count)
    {
        while (_next < count)
        {
            await SendAsync(Take(Math.Min(BulkLines, count - _next)));
        }
    }

    /// <summary>Sends small requests until stopped; ends behind an acknowledged one.</summary>
    public async Task RunAsync(Random random)
    {
        while (!_isStopped)
        {
            if (_next >= lines.Count)
            {
                throw new TortureException($"{Name} has nothing left to send: simulate more minutes.");
            }

            await SendAsync(Take(1 + random.Next(LinesMax)));
            if (!_isHurried)
            {
                await Task.Delay(random.Next(150));
            }
        }
    }

    private Request Take(int count)
    {
        var number = ++_number;
        var records = lines.Skip(_next).Take(count).Select(line => line with { Request = number }).ToList();
        _next += records.Count;
        _sent.AddRange(records);
        return new Request(number, records);
    }

    private async Task SendAsync(Request request)
    {
        while (true)
        {
            var life = await server.LifeAsync();
            if (life != _life && !await RepeatAsync(life))
            {
                continue;
            }

            _life = life;
            if (await AttemptAsync(life, request) is not { } answer)
            {
                continue;
            }

            Acknowledged = request.Number;
            AcknowledgedRecords += answer.Records;
            _latest = (request, answer.Place);
            if (answer.Records != request.Records.Count)
            {
                findings.Add(Fault.Lost, $"{Name}:{request.Number} was acknowledged with {answer.Records} records.");
            }

            return;
        }
    }

    /// <summary>The next life knows what an earlier one acknowledged, at the same place; false: cut off.</summary>
    private async Task<bool> RepeatAsync(ServerProcess life)
    {
        if (_latest is not { } latest)
        {
            return true;
        }

        if (await AttemptAsync(life, latest.Request) is not { } again)
        {
            return false;
        }

        if (!again.Repeated || again.Place != latest.Place)
        {
            findings.Add(
                Fault.Duplicated,
                $"{Name}:{latest.Request.Number} was taken at {latest.Place}; repeated, it is at {again.Place} "
                + (again.Repeated ? "as a repetition." : "as a new one."));
        }

        return true;
    }

    /// <summary>Null where a kill cut the answer off.</summary>
    private async Task<AppendAnswer?> AttemptAsync(ServerProcess life, Request request)
    {
        _isInFlight = true;
        try
        {
            return await life.Client.AppendAsync(
                Topic, request.Body(), "device", FormattableString.Invariant($"{Name}:{request.Number}"),
                cancel: life.Dead);
        }
        catch (Exception cut) when (cut is RequestFailedException or OperationCanceledException or IOException
            or HttpRequestException)
        {
            if (!life.IsDoomed)
            {
                throw new TortureException($"{Name}:{request.Number} was refused: {cut.Message}");
            }

            Interlocked.Increment(ref _interrupted);
            return null;
        }
        finally
        {
            _isInFlight = false;
        }
    }
}
