using Kappa.Log;

namespace Kappa.Tables.Loop;

/// <content>What of an output's past is said to the world (rule E3).</content>
public sealed partial record Catalog
{
    /// <summary>
    /// Does the public topic of an output carry what its job says from the first record on? False where it begins where
    /// a version with this output first went live; null where none did yet, so that both are still possible.
    /// </summary>
    public bool? SaysHistory(string topic) =>
        OutputOwner(topic) is { } job && Owners(job).FirstOrDefault(owner => Has(owner.Version, topic)) is { } first
            ? first.History.Contains(topic)
            : null;

    /// <summary>
    /// Refuses to publish the history of outputs of which none has one that can be published, or was.
    /// </summary>
    /// <param name="topics">The outputs.</param>
    /// <param name="named">Who says them, for the error.</param>
    /// <exception cref="KappaException">
    /// Invalid: there are none. Conflict: all of them have been said to the world from a later place on.
    /// </exception>
    public void CheckHistory(IReadOnlyList<string> topics, string named)
    {
        ArgumentNullException.ThrowIfNull(topics);
        if (topics.Count == 0)
        {
            throw new KappaException(
                ErrorKind.Invalid, $"{named} says nothing on a topic: there is no history to publish.",
                "Leave out --publish-history.");
        }

        if (topics.All(topic => SaysHistory(topic) is false))
        {
            var since = Owners(OutputOwner(topics[0])!).First(owner => Has(owner.Version, topics[0]));
            throw Refused(
                $"'{topics[0]}' has been said to the world since {since.After}, in order: what {named} says of the "
                + "time before can no longer be put in front of it",
                "Leave out --publish-history, or give the output another name in ToTopic: a new one can have all.");
        }
    }

    /// <summary>
    /// Refuses a first version that would go live without the history another one was asked to publish, or the other
    /// way round: which of them is Ready first is chance.
    /// </summary>
    /// <param name="job">The job.</param>
    /// <param name="outputs">What a new version of it says.</param>
    /// <param name="publishHistory">Was it asked to publish its history?</param>
    /// <exception cref="KappaException">Conflict: another one was asked otherwise.</exception>
    public void CheckAgreed(string job, IReadOnlyList<VersionOutput> outputs, bool publishHistory)
    {
        var other = Live(job) is not null ? null : Versions.FirstOrDefault(v =>
            v.Version.Job == job && v.State == VersionState.Reprocessing && v.Made.PublishHistory != publishHistory
            && v.Made.Outputs.Any(output => outputs.Any(mine => mine.Topic == output.Topic)));
        if (other is not null)
        {
            throw Refused(
                $"{other.Version} is being made {With(!publishHistory)} --publish-history, and another version of "
                + $"'{job}' {With(publishHistory)} it: which of them would go live first is open",
                $"Drop {other.Version} with 'kappa drop {other.Version}', or ask {With(!publishHistory)} it as well.");
        }
    }

    /// <summary>The outputs of a version that goes live now whose history is published.</summary>
    private IReadOnlyList<string> HistoryOf(CatalogVersion version, bool isAsked) =>
        isAsked || version.Made.PublishHistory
            ? [.. version.Made.Outputs.Select(output => output.Topic).Where(topic => SaysHistory(topic) is null)]
            : [];

    private IReadOnlyList<string> OutputsOf(IEnumerable<JobVersion> versions) =>
        [.. versions.SelectMany(version => ByVersion[version].Made.Outputs).Select(output => output.Topic)];

    private static string With(bool publishHistory) => publishHistory ? "with" : "without";

    private bool Has(JobVersion version, string topic) =>
        ByVersion[version].Made.Outputs.Any(output => output.Topic == topic);
}
