using Kappa.Log;
using Kappa.Streams.Fingerprints;
using Xunit;

namespace Kappa.Streams.Tests.Fingerprints;

/// <summary>A plan says what changed, in words (rule V2).</summary>
public sealed class ExplanationTests
{
    [Theory]
    [InlineData("Captured", "Pair(42,", "Pair(43,", "captured limit: 42 -> 43")]
    [InlineData("StaticDecimal", "Rate = 1.5m", "Rate = 1.75m", "static Jobs.Rate: 1.5m -> 1.75m")]
    [InlineData("Helper", "y * 3", "y * 4", "method Jobs.Inner.Local changed")]
    [InlineData("Constant", "x => x > 3", "x => x > 4", "method lambda in Jobs changed")]
    [InlineData("Coloured", "Red = 1", "Red = 3", "type Colour changed")]
    [InlineData("Recorded", "\"amount\"", "\"sum\"", "type Order changed")]
    [InlineData("Iterator", "yield return i * 2", "yield return i * 3", "method Jobs.Count changed")]
    [InlineData("Priced", "new Flat(2.5m)", "new Flat(2.6m)", "captured Flat.rate: 2.5m -> 2.6m")]
    [InlineData("Converted", "reader.GetInt64()", "reader.GetInt64() * 100", "method MoneyConverter.Read changed")]
    public void An_explanation_names_just_what_changed(string job, string old, string now, string line)
    {
        using var before = new CompiledSource(Shop.Source, Shop.Package);
        using var after = new CompiledSource(Shop.Replace(Shop.Source, (old, now)), Shop.Package);
        Assert.Equal([line], Fingerprint.Explain(before.Job(job), after.Job(job)));
    }

    [Fact]
    public void An_explanation_is_not_led_astray_by_another_member_before()
    {
        using var before = new CompiledSource(Shop.Source, Shop.Package);
        const string First = "Outer(int x) => First(x) + Inner(x) + 1;\n    private static int First(int x) => x;";
        var source = Shop.Replace(Shop.Source, ("Outer(int x) => Inner(x) + 1;", First));
        using var after = new CompiledSource(source, Shop.Package);
        Assert.Equal(
            ["method Jobs.Outer changed", "method Jobs.First is new"],
            Fingerprint.Explain(before.Job("Helper"), after.Job("Helper")));
    }

    [Fact]
    public void A_setting_of_the_topology_is_explained_by_its_line()
    {
        using var source = new CompiledSource(Shop.Source, Shop.Package);
        var old = source.With("Constant", topology: "from orders\nwindow 00:01:00");
        var now = source.With("Constant", topology: "from orders\nwindow 00:05:00");
        Assert.Equal(
            ["topology, no longer: window 00:01:00", "topology, now: window 00:05:00"],
            Fingerprint.Explain(old, now));
        Assert.Empty(Fingerprint.Explain(old, old));
    }

    [Fact]
    public void A_seed_counts_with_all_it_contains()
    {
        using var source = new CompiledSource(Shop.Source, Shop.Package);
        var order = source.Type("Shop.Order");
        var old = source.With("Constant", [Activator.CreateInstance(order, 1, 2m)]);
        var same = source.With("Constant", [Activator.CreateInstance(order, 1, 2m)]);
        var now = source.With("Constant", [Activator.CreateInstance(order, 1, 3m)]);
        Assert.Equal(old, same);
        Assert.Equal(
            ["value 1 of the topology (Order): Order { Id = 1; Amount = 2m; } -> Order { Id = 1; Amount = 3m; }"],
            Fingerprint.Explain(old, now));
    }

    [Fact]
    public void An_accessor_counts_for_a_type_that_is_data_though_no_code_calls_it()
    {
        using var before = new CompiledSource(Shop.Source, Shop.Package);
        using var after = new CompiledSource(Shop.Replace(Shop.Source, ("value + 1;", "value + 2;")), Shop.Package);
        Assert.Equal(before.With("Constant"), after.With("Constant"));
        Assert.Equal(
            ["method Device.set_Level changed"],
            Fingerprint.Explain(
                before.With("Constant", types: [before.Type("Shop.Device")]),
                after.With("Constant", types: [after.Type("Shop.Device")])));
    }

    [Fact]
    public void The_semantics_number_counts()
    {
        Func<int, bool> foreign = int.IsEvenInteger;
        var one = Fingerprint.Of(new FingerprintInput("x", [foreign], [], [], _ => false, 1));
        var two = Fingerprint.Of(new FingerprintInput("x", [foreign], [], [], _ => false, 2));
        Assert.Equal(["Kappa semantics: 1 -> 2"], Fingerprint.Explain(one, two));
    }

    [Fact]
    public void A_fingerprint_is_the_same_after_a_round_trip_through_JSON()
    {
        using var source = new CompiledSource(Shop.Source, Shop.Package);
        var taken = source.Job("Priced");
        var read = Fingerprint.FromJson(taken.ToJson());
        Assert.Equal(taken, read);
        Assert.Equal(taken.Members, read.Members);
        var refused = Assert.Throws<KappaException>(() => Fingerprint.FromJson("{\"hash\":1}"));
        Assert.Equal(ErrorKind.Corrupt, refused.Kind);
        Assert.Throws<KappaException>(() => Fingerprint.FromJson("null"));
    }

    [Fact]
    public void Every_member_has_a_name_of_its_own()
    {
        using var source = new CompiledSource(Shop.Source, Shop.Package);
        foreach (var (job, taken) in source.Jobs())
        {
            var names = taken.Members.Select(member => (member.Kind, member.Name)).Distinct();
            Assert.True(names.Count() == taken.Members.Count, job);
        }
    }

    [Fact]
    public void A_job_of_the_real_interface_is_fingerprinted_with_its_captured_values()
    {
        var one = Of(1);
        Assert.Equal(one, Of(1));
        Assert.Equal(["captured least: 1d -> 2d"], Fingerprint.Explain(one, Of(2)));
        Assert.Contains(one.Members, member => member.Name.EndsWith("Reading as data", StringComparison.Ordinal));

        static Fingerprint Of(double least)
        {
            var job = Job.Define("levels", flow => flow
                .From<Reading>("readings", reading => reading.At, TimeSpan.FromSeconds(1))
                .Where(reading => reading.Value > least)
                .KeyBy(reading => reading.Device)
                .Window(Window.Tumbling(TimeSpan.FromMinutes(1)))
                .Aggregate(0.0, (sum, reading) => sum + reading.Value)
                .ToTable("levels"));
            return Fingerprint.Of(
                FingerprintInput.Of(job.Build(), assembly => assembly == typeof(ExplanationTests).Assembly, 1));
        }
    }

    [Fact]
    public void The_environment_is_recorded_apart()
    {
        var now = FingerprintEnvironment.Current();
        Assert.Equal(["globalization", "runtime", "timeZones"], now.Keys);
        Assert.Contains(".NET", now["runtime"], StringComparison.Ordinal);
    }
}
