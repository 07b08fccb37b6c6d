using System.Text.Json;
using Kappa.Log;
using Xunit;

namespace Kappa.Streams.Tests.Patterns;

/// <summary>The examples of the guide to patterns do what it says.</summary>
public sealed class GuideTests
{
    private static readonly DateTimeOffset Start = Letter.Origin;

    [Fact]
    public void Five_failed_logins_and_a_success_are_a_guess()
    {
        Login[] logins =
        [
            .. Enumerable.Range(0, 6).Select(i => new Login("ann", Start.AddSeconds(i), false)),
            new("ann", Start.AddSeconds(7), true),
            .. Enumerable.Range(0, 4).Select(i => new Login("bob", Start.AddSeconds(i), false)),
            new("bob", Start.AddSeconds(7), true),
        ];
        var row = Assert.Single(Rows(GuideJobs.Guessed, "logins", logins, "guesses"));

        Assert.Equal(("ann", 6L, Start.AddSeconds(7)), ((string)row[0]!, Convert.ToInt64(row[^2], null), row[^1]));
    }

    [Fact]
    public void A_car_that_is_not_heard_of_again_is_silent()
    {
        Sample[] samples = [Sample("a", 0), Sample("a", 200), Sample("b", 0), Sample("b", 299), Sample("b", 599)];
        var rows = Rows(GuideJobs.Silent, "samples", samples, "silent");

        Assert.Equal([Start.AddSeconds(200), Start.AddSeconds(599)], rows.Select(row => (DateTimeOffset)row[^1]!));
    }

    [Fact]
    public void Three_times_braking_harshly_in_ten_minutes_is_a_harsh_drive()
    {
        Sample[] samples =
        [
            Sample("a", 0, 3), Sample("a", 100, 1), Sample("a", 200, 4), Sample("a", 300, 2.5), Sample("b", 0, 3),
            Sample("b", 599, 3), Sample("b", 600, 3),
        ];
        var row = Assert.Single(Rows(GuideJobs.HarshThrice, "samples", samples, "harsh"));

        Assert.Equal(("a", 4.0), (row[0], row[^1]));
    }

    [Fact]
    public void Ten_degrees_more_in_three_minutes_is_heating()
    {
        Assert.Equal("warm >> hot within 00:03:00 skip past-last", GuideJobs.Heating.ToString());
        Assert.Equal(
            "failure{5.. greedy} >> success within 00:01:00 skip past-last maxRuns 10000",
            GuideJobs.Guessed.Build().Nodes.Single(node => node.Kind == "Detect").Settings);
    }

    private static Sample Sample(string car, int second, double braking = 0) =>
        new(car, Start.AddSeconds(second), braking, 80);

    private static List<object?[]> Rows<T>(Job job, string topic, IReadOnlyList<T> events, string table)
    {
        var sequence = new Sequence();
        sequence.AddRaw(topic, 0, Start.AddDays(1).UtcTicks,
            [.. events.Select(one => JsonSerializer.SerializeToUtf8Bytes(one, JsonSerializerOptions.Web))]);
        sequence.Clock(new ClockRecord(ClockKind.Complete, topic), Start.AddDays(2).UtcTicks);
        return Machine.Straight(job, sequence).Rows(table);
    }
}
