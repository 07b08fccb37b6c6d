using Xunit;
using Xunit.Abstractions;

namespace Kappa.Schedules;

/// <summary>Promise P2: the quick share of <c>./do schedules</c> (rules T7, T8, C2).</summary>
public sealed class ScheduleTests(ITestOutputHelper output)
{
    public static TheoryData<string> Plants => [.. Plant.All.Select(plant => plant.Name)];

    [Fact]
    public void Forty_schedules_of_a_hundred_thousand_records_leave_no_trace_P2()
    {
        var check = new ScheduleCheck(new ScheduleOptions(Count: 40, Records: 100_000), output.WriteLine);

        check.Run();

        Assert.True(check.Rows > 100_000, $"{check.Rows} rows");
        Assert.True(check.Mismatches == 0, check.LastLine);
    }

    [Fact]
    public void A_run_that_was_stopped_goes_on_with_the_schedules_it_had_not_run()
    {
        var jobs = Kappa.Streams.Tests.GoldenJobs.All.Count();
        var options = new ScheduleOptions(Count: (4 * jobs) + 3, Records: 20, Threads: 1);
        var all = Said(options);

        Assert.Equal(options.Count, all.Distinct().Count());
        Assert.Equal(all[70..], Said(options with { From = 71 }));
    }

    [Theory]
    [MemberData(nameof(Plants))]
    public void A_planted_fault_is_found(string name)
    {
        var plant = Plant.All.Single(plant => plant.Name == name);
        var check = new ScheduleCheck(new ScheduleOptions(Count: 40, Records: 2_000, Plant: plant), _ => { });

        check.Run();

        Assert.True(check.Mismatches > 0);
    }

    /// <summary>Which schedules ran, in order.</summary>
    private static List<string> Said(ScheduleOptions options)
    {
        var said = new List<string>();
        new ScheduleCheck(options, _ => { }, said.Add).Run();
        return [.. said.Select(line => line.Split(" s, ")[1].Split("; ")[0] + " as " + line.Split(' ')[0])];
    }
}
