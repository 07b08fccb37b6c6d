using Kappa.Streams;
using Kappa.Tables.Loop;
using Xunit;

namespace Kappa.Golden.Tests.Rules;

/// <summary>Rule O6: a job stops when more than 1 % of its last 10 000 records failed, from 100 errors on.</summary>
public sealed class ErrorRateRules
{
    // A run of good records is written as a number, one of bad ones as a negative number.
    [Theory]
    [InlineData(true, -99)]
    [InlineData(false, -100)]
    [InlineData(true, -99, 500)]
    [InlineData(false, 500, -99, 500, -1)]
    [InlineData(true, 9_900, -100)]
    [InlineData(false, 9_899, -101)]
    [InlineData(true, 9_900, -100, 9_900, -100)]
    [InlineData(false, 9_900, -100, 9_899, -1)]
    public async Task O6_a_job_stops_by_the_errors_among_its_last_ten_thousand_records(bool goesOn, params int[] runs)
    {
        foreach (var (workers, chunk) in new[] { (1, 1_000), (3, 333) })
        {
            await using var s = await Scenario.OpenAsync();
            var numbers = runs.SelectMany(run => Enumerable.Repeat(run > 0 ? 1L : 0L, Math.Abs(run))).ToList();
            for (var i = 0; i < numbers.Count; i += chunk)
            {
                await s.PutTogetherAsync("12:00:00",
                    [.. numbers.Skip(i).Take(chunk).Select(n => ("12:00:00", "a", n))]);
            }

            await s.StartAsync(Job.Define("r", flow => Examples.From(flow).KeyBy(e => e.Key)
                .Aggregate(0L, (sum, e) => sum + (1 / e.N)).ToTable("sums")), workers);
            await s.Run.StateAsync(s.Version, goesOn ? VersionState.Live : VersionState.Failed);

            if (goesOn)
            {
                await s.CaughtUpAsync();
                Assert.Equal(numbers.Sum() == 0 ? [] : [$"[\"a\",{numbers.Sum()}]"], await s.RowsAsync("sums"));
            }
            else
            {
                var error = s.House.Journal.Catalog.Find(s.Version)!.Error;
                Assert.Contains("The first error: 2:Aggregate: DivideByZeroException", error, StringComparison.Ordinal);
            }
        }
    }
}
