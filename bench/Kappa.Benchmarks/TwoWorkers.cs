using System.Diagnostics;
using System.Globalization;

namespace Kappa.Benchmarks;

/// <summary>
/// What a second worker is worth, beside what a second core of this machine is worth: the same replay twice at once,
/// each with a worker of its own. All three in turns, as other users of the machine come and go.
/// </summary>
internal static class TwoWorkers
{
    private const int Rounds = 7;

    public static async Task RunAsync(string folder, long events, string jsonFile)
    {
        Console.WriteLine("job | one worker, M ev/s | two workers | ratio | two replays at once | ratio");
        string[] names = ["1k", "100k", "1m", "json"];
        foreach (var scenario in Scenario.All(events, jsonFile).Where(one => names.Contains(one.Name)))
        {
            var many = scenario.Events >= EventKind.Json ? events / 4 : events;
            await using var log = await Logs.MakeAsync(folder, scenario.Events, many, scenario.Partitions, jsonFile);
            var (one, two, other) = (Make("", 1), Make("", 2), Make("-other", 1));
            for (var warm = Stopwatch.StartNew(); warm.Elapsed < TimeSpan.FromSeconds(4);)
            {
                await one.RunAsync(scenario.Job);
                await two.RunAsync(scenario.Job);
            }

            var (alone, together, twice) = (new double[Rounds], new double[Rounds], new double[Rounds]);
            for (var round = 0; round < Rounds; round++)
            {
                alone[round] = many / (await one.RunAsync(scenario.Job)).Seconds / 1e6;
                together[round] = many / (await two.RunAsync(scenario.Job)).Seconds / 1e6;
                var both = Stopwatch.StartNew();
                await Task.WhenAll(
                    Task.Run(() => one.RunAsync(scenario.Job)), Task.Run(() => other.RunAsync(scenario.Job)));
                twice[round] = 2 * many / both.Elapsed.TotalSeconds / 1e6;
            }

            var (a, b, c) = (Median(alone), Median(together), Median(twice));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{scenario.Name} | {a:F1} | {b:F1} | {b / a:F2} | {c:F1} | {c / a:F2}"));

            Replay Make(string suffix, int workers) => new(log, folder + suffix) { Workers = workers };
        }
    }

    private static double Median(double[] values) => values.Order().ElementAt(Rounds / 2);
}
