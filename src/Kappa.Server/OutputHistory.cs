using Kappa.Tables.Loop;

namespace Kappa.Server;

/// <summary>What of its outputs' past the world hears when a version goes live (rule E3), for answers.</summary>
internal static class OutputHistory
{
    /// <summary>The outputs some versions will say from the first record on, or that are said so already.</summary>
    public static IReadOnlyList<string> Of(Catalog catalog, IEnumerable<VersionMade> versions) =>
        [.. versions.SelectMany(made => made.Outputs
            .Select(output => output.Topic)
            .Where(topic => catalog.SaysHistory(topic) ?? made.PublishHistory)).Distinct()];

    /// <summary>A sentence that names them, or nothing.</summary>
    public static string Text(IReadOnlyList<string> topics) => topics.Count == 0
        ? ""
        : $" The world hears {string.Join(", ", topics)} from the first record on.";

    /// <summary>What to add of outputs whose history nobody will hear as it stands, or nothing.</summary>
    /// <param name="catalog">The versions there are.</param>
    /// <param name="made">The version.</param>
    /// <param name="isAsked">Was its history asked for now?</param>
    public static string Unheard(Catalog catalog, VersionMade made, bool isAsked)
    {
        var topics = made.Outputs.Select(output => output.Topic)
            .Where(topic => !made.PublishHistory && catalog.SaysHistory(topic) is null).ToList();
        if (topics.Count == 0)
        {
            return "";
        }

        var named = string.Join(", ", topics);
        return catalog.Live(made.Version.Job) is null
            ? $"; from then on the world hears {named} (with --publish-history: from the first record on)"
            : isAsked
                ? $"; it was made without --publish-history: repeat that at 'kappa switch {made.Version}' for {named}"
                : $"; --publish-history there lets the world hear {named} from the first record on";
    }
}
