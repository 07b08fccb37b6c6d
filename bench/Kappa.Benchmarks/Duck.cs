using System.Diagnostics;
using System.Text.Json;

namespace Kappa.Benchmarks;

/// <summary>DuckDB beside it, in a process of its own: see bench/peers.</summary>
internal static class Duck
{
    public sealed record Answer(string N, string C, double S, double M);

    public sealed record Result(string Version, double[] Seconds, Answer Answer);

    /// <summary>Null where node or its package is not there.</summary>
    public static async Task<Result?> RunAsync(string peers, string folder, Scenario scenario, long events, int runs)
    {
        if (!Directory.Exists(Path.Combine(peers, "node_modules")))
        {
            return null;
        }

        var asked = JsonSerializer.Serialize(new
        {
            file = Path.Combine(folder, FormattableString.Invariant($"duck-{events}.db")),
            threads = scenario.Workers,
            runs,
            warmSeconds = 2,
            prepare = scenario.Prepare,
            query = scenario.Query,
        });
        var start = new ProcessStartInfo("node") { WorkingDirectory = peers, RedirectStandardOutput = true };
        start.ArgumentList.Add("duck.mjs");
        start.ArgumentList.Add(asked);
        using var node = Process.Start(start)!;
        var text = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        return node.ExitCode == 0
            ? JsonSerializer.Deserialize<Result>(text, JsonSerializerOptions.Web)
            : null;
    }
}
