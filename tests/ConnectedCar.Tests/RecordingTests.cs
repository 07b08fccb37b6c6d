using System.Text;
using System.Text.Json;
using ConnectedCar.Fleet;
using Xunit;

namespace ConnectedCar.Tests;

public sealed class RecordingTests : IDisposable
{
    private const string Rest =
        " -3.125, 0.000, 101.0, 35.3, 49.8, 16.0, 31.7, 13.3, 0.0, 100.0, 0.0, 26.0, 5.0, 39.1, 26.5,";

    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kappa-recording-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Rows_become_telemetry_by_device_day_and_engine_run_time()
    {
        Write("Drive2.csv", Row("0.000000", "50.0"), Row("7.000000", "51.5"), Row("7.000000", "52.0"), "\r\n");
        Write("Drive10.csv", Row("3.000000", "20.0"));

        var samples = Read(out var recording)
            .Select(line => JsonSerializer.Deserialize<Telemetry>(line, Web)!).ToList();

        // "Drive10.csv" comes before "Drive2.csv" in ordinal order, so it is the first day.
        Assert.Equal(["drive10", "drive2", "drive2", "drive2"], samples.Select(t => t.Device));
        Assert.Equal([1, 1, 2, 3], samples.Select(t => t.Seq));
        Assert.Equal([50.0, 51.5, 52.0], samples.Skip(1).Select(t => t.SpeedKmh));
        Assert.Equal(
            ["2020-01-01T00:00:03", "2020-01-02T00:00:00", "2020-01-02T00:00:07", "2020-01-02T00:00:07"],
            samples.Select(t => t.At.ToString("s", null)));
        Assert.Equal(
            (900.25, 28.0, 12.5, 17.6, 12.382), (
            samples[0].Rpm, samples[0].CoolantC, samples[0].LoadPct, samples[0].ThrottlePct, samples[0].Voltage));
        Assert.Equal((4L, 0L), (recording.Rows, recording.Incomplete));
    }

    [Fact]
    public void A_row_that_was_cut_off_is_sent_with_the_fields_it_has_and_is_undecodable()
    {
        Write("idle1.csv", Row("1.000000", "0.0"), "2.000000, 657.0, 0.0, 15.6, 25.4, 87.0, -0.7");

        var lines = Read(out var recording);

        Assert.Equal(
            """{"device":"idle1","boot":"1","seq":2,"at":"2020-01-01T00:00:02+00:00","speedKmh":0,"rpm":657,"""
            + "\"coolantC\":87,\"loadPct\":25.4,\"throttlePct\":15.6}",
            lines[1]);
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Telemetry>(lines[1], Web));
        Assert.Equal((2L, 1L), (recording.Rows, recording.Incomplete));
    }

    [Fact]
    public void A_number_that_may_be_half_a_number_is_not_sent()
    {
        Write("idle1.csv", "2.000000, 657.0, 4");

        var line = Assert.Single(Read(out var recording));

        Assert.DoesNotContain("speedKmh", line, StringComparison.Ordinal);
        Assert.Equal(1, recording.Incomplete);
    }

    [Fact]
    public void A_cell_that_is_no_number_is_sent_as_it_is_and_is_undecodable()
    {
        Write("idle1.csv", Row("1.000000", "48km/h"));

        var line = Assert.Single(Read(out var recording));

        Assert.Contains("\"speedKmh\":\"48km/h\"", line, StringComparison.Ordinal);
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Telemetry>(line, Web));
        Assert.Equal(1, recording.Incomplete);
    }

    [Fact]
    public void A_run_time_that_falls_begins_a_new_boot_and_time_goes_on()
    {
        Write("live1.csv", Row("8.000000", "1.0"), Row("9.000000", "2.0"), Row("0.000000", "3.0"), Row("2.0", "4.0"));

        var samples = Read(out _).Select(line => JsonSerializer.Deserialize<Telemetry>(line, Web)!).ToList();

        Assert.Equal(["1", "1", "2", "2"], samples.Select(t => t.Boot));
        Assert.Equal([1, 2, 3, 4], samples.Select(t => t.Seq));
        Assert.Equal([8, 9, 9, 11], samples.Select(t => t.At.Second));
    }

    [Fact]
    public void A_folder_that_is_missing_or_holds_no_recording_is_named()
    {
        var missing = Path.Combine(_folder.FullName, "nowhere");

        Assert.Contains(missing, Assert.Throws<FleetException>(() => new Recording(missing).Read()).Message);
        Assert.Contains(
            _folder.FullName, Assert.Throws<FleetException>(() => new Recording(_folder.FullName).Read()).Message);
    }

    [RecordedFact]
    public void The_real_recordings_are_complete_but_for_two_rows()
    {
        var folder = RecordedFactAttribute.Folder!;
        var files = Directory.GetFiles(folder, "*.csv");
        var rows = files.Sum(file => File.ReadAllText(file).Split('\n').Count(line => line.Trim().Length > 0) - 1);
        var recording = new Recording(folder);

        var deliveries = recording.Read().ToList();
        var refused = deliveries.Select(delivery => Encoding.UTF8.GetString(delivery.Json.Span))
            .Where(line => !IsTelemetry(line)).ToList();

        Assert.Equal(18, files.Length);
        Assert.Equal((rows, (long)rows), (deliveries.Count, recording.Rows));
        Assert.Equal(42_935 - 18, rows);
        Assert.Equal(2, recording.Incomplete);
        Assert.Collection(
            refused,
            line => Assert.Contains("\"device\":\"idle1\",\"boot\":\"1\",\"seq\":1213,", line),
            line => Assert.Contains("\"device\":\"live16\",\"boot\":\"1\",\"seq\":3082,", line));
    }

    private static bool IsTelemetry(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<Telemetry>(line, Web) is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Row(string run, string speed) =>
        $"{run}, 900.25, {speed}, 17.6, 12.5, 28.0,{Rest} 12.382, 0.0, 0.0, 7495.0, 0.0, 255.0,\r\n";

    private void Write(string name, params string[] rows) =>
        File.WriteAllText(
            Path.Combine(_folder.FullName, name), "ENGINE_RUN_TINE (),ENGINE_RPM ()\r\n" + string.Concat(rows));

    private List<string> Read(out Recording recording)
    {
        recording = new Recording(_folder.FullName);
        return recording.Read().Select(delivery => Encoding.UTF8.GetString(delivery.Json.Span)).ToList();
    }
}
