using System.Runtime.ExceptionServices;
using Kappa.Log;
using Kappa.Tables.Loop;

namespace Kappa.Server;

/// <summary>Retention (rule L9) as the platform knows it: who still needs what, and where replays can begin.</summary>
internal sealed class Retaining(Platform platform)
{
    /// <summary>How long before something is removed it is said.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(1);

    /// <summary>Everything of a topic behind this place is needed by a running version or a subscription.</summary>
    public Place NeededOf(string topic)
    {
        var versions = Readers(topic)
            .Select(version => platform.Versions.ProgressOf(version.Version)?.ReplaysFrom ?? Place.Start);
        var subscriptions = platform.Webhooks.All
            .Where(one => one.Subscription.Topic == topic && !one.Subscription.Ended).Select(one => one.State.After);
        return versions.Concat(subscriptions)
            .Append(Place.EndOf(platform.Embedded.CompleteTo)).Min();
    }

    /// <summary>The versions that run and read a topic, itself and not what another version says of it.</summary>
    public IEnumerable<CatalogVersion> Readers(string topic) => platform.Journal.Catalog.Versions.Where(version =>
        version.Runs && version.Made.Topics.Contains(topic) && !version.Made.Upstreams.ContainsKey(topic));

    /// <summary>
    /// What will be lost within a day, with what is needed now; null for nothing. What an archive has is not lost.
    /// </summary>
    public RetentionStep? Soon(Topic topic)
    {
        if (!topic.Settings.HasRetention || platform.Embedded.ArchiveEndsOf(topic.Name) is not null)
        {
            return null;
        }

        var step = platform.Embedded.PlanRetention(topic.Name, NeededOf(topic.Name), Ahead);
        return step.Records > 0 ? step : null;
    }

    /// <summary>
    /// The earliest place a version that reads some topics can begin at; null: with the first record.
    /// </summary>
    /// <param name="topics">The topics.</param>
    /// <param name="soon">As it will be within a day.</param>
    public Place? EarliestOf(IReadOnlyCollection<string> topics, bool soon = false)
    {
        var earliest = platform.Log.Topics.Where(topic => topics.Contains(topic.Name))
            .Select(topic => soon && Soon(topic) is { } step ? step.NextStart : topic.Start)
            .DefaultIfEmpty(Place.Start).Max();
        return earliest > Place.Start ? earliest : null;
    }

    /// <summary>Returns when it is known where these topics begin, as far as there are such.</summary>
    /// <exception cref="KappaException">An archive that may have what the log has no more cannot be read.</exception>
    public async Task AskAsync(IReadOnlyCollection<string> topics, CancellationToken cancel)
    {
        foreach (var topic in platform.Log.Topics.Where(topic => topics.Contains(topic.Name)))
        {
            await platform.Embedded.AskArchivesAsync(topic.Name, cancel);
        }
    }

    /// <summary>Removes what may go. One topic's trouble is not another's.</summary>
    /// <exception cref="KappaException">What was wrong with the first that could not be done.</exception>
    public async Task RunAsync(CancellationToken cancel)
    {
        ExceptionDispatchInfo? trouble = null;
        foreach (var topic in platform.Log.Topics.Where(topic => topic.Settings.HasRetention))
        {
            try
            {
                var step = await platform.Embedded.RetainAsync(topic.Name, NeededOf(topic.Name), cancel);
                if (step.Records > 0)
                {
                    platform.Options.Report($"Retention removed {step.Records} records of '{topic.Name}': it begins"
                        + $" behind {step.NextStart}.");
                }
            }
            catch (KappaException failed)
            {
                trouble ??= ExceptionDispatchInfo.Capture(failed);
            }
        }

        trouble?.Throw();
    }
}
