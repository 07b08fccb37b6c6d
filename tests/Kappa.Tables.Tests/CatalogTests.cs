using Kappa.Log;
using Kappa.Tables.Loop;
using Xunit;

namespace Kappa.Tables.Tests;

public sealed class CatalogTests
{
    [Fact]
    public void A_table_name_is_owned_by_one_job_until_all_versions_that_have_it_are_dropped()
    {
        var catalog = Catalog.Empty.Apply(Loops.Made(1, "a", Loops.Table("t")), At(1));
        var taken = Assert.ThrowsAny<KappaException>(() => catalog.Apply(Loops.Made(1, "b", Loops.Table("t")), At(2)));
        Assert.Equal(ErrorKind.Conflict, taken.Kind);
        Assert.Contains("a@1", taken.Message, StringComparison.Ordinal);
        Assert.ThrowsAny<KappaException>(
            () => catalog.Apply(Loops.Made(1, "b", Loops.Table("u"), Loops.Table("u")), At(2)));
        catalog = catalog.Apply(new VersionDropped(Loops.V(1, "a")), At(2));
        catalog = catalog.Apply(Loops.Made(1, "b", Loops.Table("t")), At(3));
        Assert.Equal(2, catalog.NextNumber("a"));
        Assert.Equal("b@1", catalog.Resolve("t@1").Version.Version.ToString());
    }

    [Fact]
    public void Readers_find_the_live_table_by_name_and_any_kept_one_by_name_and_number()
    {
        var catalog = Catalog.Empty.Apply(Loops.Made(1, "a", Loops.Table("t")), At(1));
        Assert.Null(catalog.FindTable("t"));
        Assert.Contains(
            "t@1", Assert.ThrowsAny<KappaException>(() => catalog.Resolve("t")).Next, StringComparison.Ordinal);
        catalog = catalog.Apply(new VersionReady(Loops.V(1, "a"), At(1)), At(2));
        catalog = catalog.Apply(Loops.Made(2, "a", Loops.Table("t"), Loops.Table("more")), At(3));
        Assert.Equal(Loops.V(1, "a"), catalog.Resolve("t").Version.Version);
        Assert.Equal(Loops.V(2, "a"), catalog.Resolve("t@2").Version.Version);
        Assert.Equal(Loops.V(2, "a"), catalog.ResolveVersion("a@2").Version);
        Assert.Equal(Loops.V(2, "a"), catalog.ResolveVersion("more@2").Version);
        Assert.Null(catalog.FindTable("more"));
        Assert.ThrowsAny<KappaException>(() => catalog.Resolve("more@1"));
    }

    [Fact]
    public void Owners_speak_for_stretches_that_touch_when_one_after_the_other_was_live() // E3
    {
        var catalog = Two();
        catalog = catalog.Apply(
            new Switching("s", [Loops.V(2)], [Loops.V(1)], DateTimeOffset.MaxValue, "switch"), At(10));
        Assert.Equal(At(10), catalog.PendingSwitch!.Mark);
        catalog = catalog.Apply(new Switched("s", At(10)), At(11));
        Assert.Equal(
            [new Ownership(Loops.V(1), At(2), At(10)), new Ownership(Loops.V(2), At(10), null)],
            catalog.Owners("orders"));
    }

    [Fact]
    public void A_switch_takes_along_all_that_reads_what_it_moves_E2()
    {
        // first <- second <- third, and a fourth that reads first and second.
        var catalog = Chain(1);
        Assert.Equal(4, catalog.AllLive.Count);
        catalog = Make(catalog, Loops.V(2, "first"));
        Refused(catalog, [Loops.V(2, "first")], "no version of 'fourth' reads first@2");
        catalog = Make(catalog, Loops.V(2, "second"), Loops.V(2, "first"));
        catalog = Make(catalog, Loops.V(2, "third"), Loops.V(2, "second"));
        catalog = Make(catalog, Loops.V(2, "fourth"), Loops.V(2, "first"), Loops.V(1, "second"));
        Refused(catalog, [Loops.V(2, "first")], "fourth@2 reads what second@1 says, but readers would see second@2");
        Refused(catalog, [Loops.V(2, "third")], "third@2 reads what second@2 says, but readers would see second@1");
        catalog = Make(catalog, Loops.V(3, "fourth"), Loops.V(2, "first"), Loops.V(2, "second"));
        Assert.Equal(
            [Loops.V(2, "first"), Loops.V(3, "fourth"), Loops.V(2, "second"), Loops.V(2, "third")],
            catalog.WithDownstream([Loops.V(2, "first")]));

        // The last of a chain moves alone.
        catalog = Make(catalog, Loops.V(3, "third"), Loops.V(1, "second"));
        Assert.Equal([Loops.V(3, "third")], catalog.WithDownstream([Loops.V(3, "third")]));
        Refused(catalog, [Loops.V(2, "first")], "no version of 'third' reads second@2");
    }

    [Fact]
    public void An_owner_that_failed_hands_over_where_it_stopped() // V6
    {
        var catalog = Two();
        catalog = catalog.Apply(
            new Switching("s", [Loops.V(2)], [Loops.V(1)], DateTimeOffset.MaxValue, "switch"), At(10));
        catalog = catalog.Apply(new VersionFailed(Loops.V(1), At(7), "broke"), At(11));
        Assert.ThrowsAny<KappaException>(() => catalog.Apply(new Switched("s", At(10)), At(12)));
        catalog = catalog.Apply(new Switched("s", At(7)), At(12));
        Assert.Equal(At(7), catalog.Owners("orders")[1].After);
        Assert.Equal(VersionState.Failed, catalog.PreviousLive("orders")!.State);
    }

    [Fact]
    public void Readers_keep_the_tables_of_a_live_version_that_failed()
    {
        var catalog = Two().Apply(new VersionFailed(Loops.V(1), At(3), "broke"), At(10));
        Assert.Equal(Loops.V(1), catalog.Resolve("orders-totals").Version.Version);
        Assert.ThrowsAny<KappaException>(() => catalog.Apply(new VersionDropped(Loops.V(1)), At(11)));
    }

    [Fact]
    public void A_record_before_the_last_one_is_refused() =>
        Assert.ThrowsAny<KappaException>(() => Two().Apply(Loops.Made(3), At(2)));

    private static Catalog Two() => Catalog.Empty
        .Apply(Loops.Made(1), At(1)).Apply(new VersionReady(Loops.V(1), At(1)), At(2))
        .Apply(Loops.Made(2), At(3)).Apply(new VersionReady(Loops.V(2), At(3)), At(4));

    private static Place At(long time) => new(time, 1);

    private static Catalog Chain(int number)
    {
        var (first, second) = (Loops.V(number, "first"), Loops.V(number, "second"));
        var catalog = Make(Make(Catalog.Empty, first), second, first);
        return Make(Make(catalog, Loops.V(number, "third"), second), Loops.V(number, "fourth"), first, second);
    }

    private static Catalog Make(Catalog catalog, JobVersion version, params JobVersion[] reads)
    {
        var made = Loops.Made(version.Number, version.Job) with
        {
            Settings = reads.Select(one => VersionMade.UpstreamSetting("from-" + one.Job, one)).ToDictionary(),
        };
        catalog = catalog.Apply(made, Next(catalog));
        return catalog.Apply(new VersionReady(version, Next(catalog)), Next(catalog));
    }

    private static Place Next(Catalog catalog) => new(catalog.Place.LogTime + 1, 0);

    private static void Refused(Catalog catalog, IReadOnlyList<JobVersion> to, string why)
    {
        var refused = Assert.ThrowsAny<KappaException>(() => catalog.WithDownstream(to));
        Assert.Equal(ErrorKind.Conflict, refused.Kind);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }
}
