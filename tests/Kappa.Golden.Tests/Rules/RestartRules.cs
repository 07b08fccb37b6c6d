using Kappa.Streams;
using Xunit;

namespace Kappa.Golden.Tests.Rules;

/// <summary>
/// Rules C1 and C2: a restart takes the newest whole state file, and what it computes again is compared.
/// </summary>
public sealed class RestartRules
{
    private static readonly string[] Expected =
    [
        """["a","12:00:00","12:01:00",3,"124",true]""", """["a","12:01:00","12:02:00",2,"56",false]""",
        """["b","12:00:00","12:01:00",1,"3",true]""",
    ];

    private static int s_calls;

    [Theory]
    [InlineData("kept")]
    [InlineData("deleted")]
    [InlineData("cut")]
    [InlineData("first byte")]
    [InlineData("place")]
    [InlineData("middle")]
    [InlineData("last byte")]
    public async Task C2_a_restart_gives_the_same_with_a_state_file_and_without_a_whole_one(string file)
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutAsync("13:00:00", at: "12:00:10", "a", n: 1);
        await s.PutAsync("13:00:01", at: "12:00:20", "a", n: 2);
        await s.PutAsync("13:00:02", at: "12:00:15", "b", n: 3, partition: 1);
        await s.RunAsync(Examples.Minutes(lateness: 10));
        await s.RestartAsync(workers: 3, between: () => Damage(s.Run.StateFolder, file));
        await s.PutAsync("13:00:03", at: "12:00:21", "a", n: 4);
        await s.PutAsync("13:00:04", at: "12:01:00", "a", n: 5, partition: 1);
        await s.PutAsync("13:00:05", at: "12:01:10", "a", n: 6);
        await s.CaughtUpAsync();

        Assert.Equal(Expected, await s.RowsAsync("minutes"));
        Assert.Empty(s.Run.Reports);
    }

    [Fact]
    public async Task C3_open_rows_are_there_when_a_reprocessed_version_says_that_it_is_ready()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutAsync("13:00:00", at: "12:00:10", "a", n: 1);
        await s.PutAsync("13:00:01", at: "12:01:20", "b", n: 2);
        var job = Examples.Minutes();
        await s.RunAsync(job);
        await s.StartAsync(job);
        await s.Run.StateAsync(s.Version, Kappa.Tables.Loop.VersionState.Ready);

        Assert.Equal(2, s.Version.Number);
        Assert.Equal(
            ["""["a","12:00:00","12:01:00",1,"1",true]""", """["b","12:01:00","12:02:00",1,"2",false]"""],
            await s.RowsAsync("minutes"));
    }

    [Fact]
    public async Task C2_a_row_that_is_computed_otherwise_the_second_time_raises_the_alarm()
    {
        s_calls = 0;
        await using var s = await Scenario.OpenAsync();
        await s.PutAsync("13:00:00", at: "12:00:10", "a", n: 1);
        await s.RunAsync(Job.Define("r", flow => Examples.From(flow)
            .Select(e => Interlocked.Increment(ref s_calls)).ToTable("calls", _ => "all")));
        Assert.Equal(["""["all",1]"""], await s.RowsAsync("calls"));
        Assert.Null(s.Run.ProgressOf(s.Version)!.Error);

        await s.RestartAsync(between: () => Damage(s.Run.StateFolder, "deleted"));
        await s.PutAsync("13:00:01", at: "12:00:11", "b", n: 1);
        await s.CaughtUpAsync();

        Assert.Contains("table 'calls', key (all)", Assert.Single(s.Run.Reports), StringComparison.Ordinal);
        Assert.Contains("differs", s.Run.ProgressOf(s.Version)!.Error, StringComparison.Ordinal);
    }

    private static string[] StatesIn(string folder) =>
        Directory.Exists(folder) ? Directory.GetFiles(folder, "*.state", SearchOption.AllDirectories) : [];

    private static void Damage(string folder, string file)
    {
        var paths = StatesIn(folder);
        Assert.NotEmpty(paths);
        foreach (var path in paths)
        {
            var bytes = File.ReadAllBytes(path);
            File.Delete(path);
            if (file == "deleted")
            {
                continue;
            }

            // A place lies behind the eight bytes of magic (docs/formats/state.md).
            var at = file switch
            {
                "first byte" => 0,
                "place" => 9,
                "middle" => bytes.Length / 2,
                _ => bytes.Length - 1
            };
            bytes[at] ^= file is "kept" or "cut" ? (byte)0 : (byte)0x40;
            File.WriteAllBytes(path, file == "cut" ? bytes[..(bytes.Length / 2)] : bytes);
        }
    }
}
