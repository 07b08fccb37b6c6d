using System.Collections.Immutable;
using Kappa.Log;
using Kappa.Streams;
using Xunit;

namespace Kappa.Golden.Tests.Rules;

/// <summary>State files keep how a collection compares its keys (rule C2).</summary>
public sealed class ComparerRules
{
    [Fact]
    public async Task C2_a_collection_compares_its_keys_after_a_restart_as_before()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutAsync("13:00:00", at: "12:00:10", "a", n: 1, tag: "X");
        await s.RunAsync(Job.Define("r", flow => Examples.From(flow).KeyBy(e => e.Key)
            .Aggregate(ImmutableSortedDictionary.Create<string, long>(StringComparer.OrdinalIgnoreCase),
                (counts, e) => counts.SetItem(e.Tag, counts.GetValueOrDefault(e.Tag) + 1))
            .Select(counts => counts.Count).ToTable("counts", _ => "all")));
        await s.RestartAsync();
        await s.PutAsync("13:00:01", at: "12:00:11", "a", n: 1, tag: "x");
        await s.CaughtUpAsync();
        Assert.Equal(["""["all",1]"""], await s.RowsAsync("counts"));
    }

    [Fact]
    public void O2_a_seed_that_compares_by_a_culture_is_refused_when_the_job_is_built()
    {
        var job = Job.Define("r", flow => Examples.From(flow).KeyBy(e => e.Key)
            .Aggregate(
                ImmutableSortedDictionary.Create<string, long>(StringComparer.CurrentCulture),
                (counts, e) => counts.SetItem(e.Tag, 1))
            .Select(counts => counts.Count).ToTable("counts", _ => "all"));

        var refused = Assert.Throws<KappaException>(job.Build);

        Assert.Contains("2:Aggregate", refused.Message, StringComparison.Ordinal);
        Assert.Contains("StringComparer.Ordinal", refused.Next, StringComparison.Ordinal);
    }
}
