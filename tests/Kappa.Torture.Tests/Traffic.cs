using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Kappa.Torture;

/// <summary>A numbered request: lines for one topic.</summary>
internal sealed record Request(long Number, IReadOnlyList<SentRecord> Records)
{
    public byte[] Body() => Encoding.UTF8.GetBytes(string.Concat(Records.Select(record => record.Text + "\n")));
}

/// <summary>
/// What the producers send: a simulated fleet with the faults of real devices. A device belongs to one producer; each
/// line gets its number, so that every record of the log can be told from every other.
/// </summary>
internal static class Traffic
{
    private const int Producers = 2;

    /// <summary>The lines a fleet sends, by producer, in order.</summary>
    public static async Task<IReadOnlyList<List<SentRecord>>> SimulateAsync(string folder, int minutes, int seed)
    {
        var file = Path.Combine(folder, "traffic.ndjson");
        using var fleet = Process.Start(new ProcessStartInfo(
            "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "fleet.dll"), "simulate", "--cars", "10", "--minutes",
                minutes.ToString(CultureInfo.InvariantCulture), "--seed", seed.ToString(CultureInfo.InvariantCulture),
                "--out", file,
            ])
        { RedirectStandardError = true })!;
        await fleet.StandardError.ReadToEndAsync();
        await fleet.WaitForExitAsync();
        if (fleet.ExitCode != 0)
        {
            throw new TortureException("The fleet could not be simulated.");
        }

        var lines = Enumerable.Range(0, Producers).Select(_ => new List<SentRecord>()).ToList();
        var number = 0;
        foreach (var line in File.ReadLines(file))
        {
            using var json = JsonDocument.Parse(line);
            var device = json.RootElement.GetProperty("device").GetString()!;
            var producer = device[^1] % Producers;
            lines[producer].Add(new SentRecord(
                NameOf(producer), 0, device,
                string.Create(CultureInfo.InvariantCulture, $"{{\"line\":{++number},{line[1..]}")));
        }

        return lines;
    }

    private static string NameOf(int producer) => string.Create(CultureInfo.InvariantCulture, $"fleet-{producer}");
}
