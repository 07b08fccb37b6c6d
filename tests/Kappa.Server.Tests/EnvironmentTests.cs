using Kappa.Log;
using Kappa.Server.Http;
using Kappa.Tables;
using Kappa.Tables.Loop;
using Xunit;

namespace Kappa.Server.Tests;

/// <summary>Rule V2: the environment is recorded, not hashed; a change marks the version.</summary>
public sealed class EnvironmentTests
{
    private static readonly Dictionary<string, string> Then = new() { ["runtime"] = "10.0.1", ["timeZones"] = "2026a" };

    [Fact]
    public void A_version_made_in_the_same_environment_has_no_mark() =>
        Assert.Empty(JobsResource.EnvironmentChanges(Version(), Then));

    [Fact]
    public void A_version_made_in_another_environment_names_what_changed()
    {
        var now = new Dictionary<string, string>(Then) { ["timeZones"] = "2026b", ["globalization"] = "new here" };

        Assert.Equal(["timeZones: 2026a -> 2026b"], JobsResource.EnvironmentChanges(Version(), now));
    }

    private static CatalogVersion Version() => new(
        new VersionMade(new JobVersion("orders", 1), "artifact", "fingerprint", [], [], Then, Place.Start),
        Place.Start, VersionState.Live, Place.Start, null);
}
