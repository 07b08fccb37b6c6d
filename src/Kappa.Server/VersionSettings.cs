using System.Runtime.InteropServices;
using Kappa.Log;
using Kappa.Streams.Fingerprints;
using Kappa.Tables;
using Kappa.Tables.Loop;

namespace Kappa.Server;

/// <summary>
/// What is recorded with a version and is no part of its fingerprint (rule V2): the environment, the versions whose
/// topics it reads (rule E2), the places up to which it preloads (rule O3).
/// </summary>
internal static class VersionSettings
{
    /// <summary>
    /// The environment, and of each topic another job says the version it reads: the one given, else the live one, else
    /// the newest that runs.
    /// </summary>
    /// <param name="catalog">The versions there are.</param>
    /// <param name="topics">The topics it reads.</param>
    /// <param name="upstreams">The versions it shall read, by topic, rather than the live ones.</param>
    /// <param name="there">The log's topics: of one that retention removed something of, it is recorded where it
    /// begins (rule L9).</param>
    /// <exception cref="KappaException">Conflict: no running version says a topic any more.</exception>
    public static Dictionary<string, string> Resolve(
        Catalog catalog, IReadOnlyList<string> topics, IReadOnlyDictionary<string, JobVersion> upstreams,
        IReadOnlyList<Topic> there)
    {
        var settings = Environment();
        foreach (var topic in topics)
        {
            if (upstreams.TryGetValue(topic, out var given))
            {
                settings.Set(VersionMade.UpstreamSetting(topic, given));
            }
            else if (catalog.OutputOwner(topic) is { } job)
            {
                settings.Set(VersionMade.UpstreamSetting(topic, Upstream(catalog, job, topic)));
            }
            else if (there.FirstOrDefault(one => one.Name == topic) is { Start: var start } && start > Place.Start)
            {
                settings.Set(VersionMade.BeginSetting(topic, start));
            }
        }

        return settings;
    }

    public static void Set(this Dictionary<string, string> settings, KeyValuePair<string, string> setting) =>
        settings[setting.Key] = setting.Value;

    /// <summary>What it reads of others, and up to where first, where that is not as it was.</summary>
    public static IEnumerable<string> Changes(VersionMade was, Dictionary<string, string> now) =>
        was.Upstreams.Select(one => VersionMade.UpstreamSetting(one.Key, one.Value))
            .Concat(was.Preloads.Select(one => VersionMade.PreloadSetting(one.Key, one.Value)))
            .Where(one => now.TryGetValue(one.Key, out var other) && other != one.Value)
            .Select(one => $"{one.Key}: {one.Value} -> {now[one.Key]}");

    private static JobVersion Upstream(Catalog catalog, string job, string topic)
    {
        var upstream = (catalog.Live(job) is { } live && Says(live, topic) ? live : null)
            ?? catalog.Versions.LastOrDefault(version =>
                version.Version.Job == job && version.Runs && Says(version, topic))
            ?? throw new KappaException(
                ErrorKind.Conflict, $"No running version of job '{job}' says topic '{topic}' any more.",
                $"Deploy a version of '{job}' that does, or read another topic.");
        return upstream.Version;
    }

    private static bool Says(CatalogVersion version, string topic) =>
        version.Made.Outputs.Any(output => output.Topic == topic);

    private static Dictionary<string, string> Environment() => new(FingerprintEnvironment.Current())
    {
        ["kappa"] = Platform.ProductVersion,
        ["os"] = RuntimeInformation.RuntimeIdentifier,
    };
}
