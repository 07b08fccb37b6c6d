using System.Text.Json;
using Kappa.Client;

namespace Kappa.Torture;

/// <summary>Asks for the live tables again and again, by SQL and by rows, and has every answer judged.</summary>
internal sealed class Reader(Supervisor server, AnswerCheck check, Findings findings)
{
    private const string AllTrips = "select device, boot, distance_km, samples from trips order by device, boot";
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(8);
    private volatile bool _isStopped;

    /// <summary>Trips that ended so long before the last sample that no version will change them.</summary>
    public static async Task<HashSet<string>> FinishedTripsAsync(ServerProcess life)
    {
        var answer = await life.Client.QueryAsync(
            new QueryRequest("select device, boot, \"end\" from trips", Limit: 10_000), life.Dead);
        var ends = answer.Rows.ToDictionary(row => $"{row[0]}/{row[1]}", row => row[2].GetDateTimeOffset());
        return [.. ends.Where(trip => ends.Values.Max() - trip.Value > Settled).Select(trip => trip.Key)];
    }

    public void Stop() => _isStopped = true;

    public async Task RunAsync(Random random)
    {
        while (!_isStopped)
        {
            var life = await server.LifeAsync();
            var asked = check.Ask();
            try
            {
                check.Judge(asked, random.Next(4) == 0
                    ? await HarshAsync(life, random)
                    : await TripsAsync(life, null));
            }
            catch (Exception cut) when (cut is RequestFailedException or OperationCanceledException or IOException
                or HttpRequestException)
            {
                if (!life.IsDoomed)
                {
                    findings.Add(Fault.Mixed, $"A reader was refused: {cut.Message}");
                }
            }

            await Task.Delay(random.Next(20));
        }
    }

    /// <summary>The trips of the live version or of one that is named.</summary>
    public static async Task<Answer> TripsAsync(ServerProcess life, string? version)
    {
        var answer = await life.Client.QueryAsync(new QueryRequest(AllTrips, Job: version, Limit: 10_000), life.Dead);
        return Make(
            AnswerCheck.Trips, answer, row => $"{row[0]}/{row[1]}",
            row => $"{row[2].GetRawText()} km {row[3].GetRawText()}");
    }

    private static async Task<Answer> HarshAsync(ServerProcess life, Random random)
    {
        var device = FormattableString.Invariant($"car-{1 + random.Next(10):0000}");
        var answer = await life.Client.RowsAsync(
            "harsh-driving", [KeyValuePair.Create("key", device)], 10_000, life.Dead);
        return Make("harsh " + device, answer, _ => "", row => string.Join(' ', row.Select(cell => cell.GetRawText())));
    }

    private static Answer Make(
        string question, RowsAnswer answer, Func<IReadOnlyList<JsonElement>, string> key,
        Func<IReadOnlyList<JsonElement>, string> value) => new(
            question, answer.Version, answer.Place,
            [.. answer.Rows.Select(row => KeyValuePair.Create(key(row), value(row)))]);
}
