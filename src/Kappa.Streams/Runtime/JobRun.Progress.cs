using Kappa.Log;
using Kappa.Tables.Loop;

namespace Kappa.Streams.Runtime;

/// <content>How far it is, and what of the log it would need again.</content>
internal sealed partial class JobRun
{
    public VersionProgress Progress()
    {
        var topics = _log.Topics.Where(topic => _read.Contains(topic.Name)).ToList();
        var total = topics.Sum(topic => topic.Records);
        var done = _progress.DoneOf(topics);
        var left = Math.Max(0, total - done);
        var rate = _progress.RecordsPerSecond;
        var watermark = _machine.Watermark;
        return new VersionProgress(
            _committed,
            watermark is { } ticks
                ? new DateTimeOffset(Math.Clamp(ticks, 0, DateTime.MaxValue.Ticks), TimeSpan.Zero)
                : null,
            done, total, rate, rate > 0 ? TimeSpan.FromSeconds(left / rate) : null,
            _machine.LateCount, _machine.DeadCount, Alarm, Stalled() ?? _machine.Holding,
            _machine.StateBytes, _machine.SpilledBytes, ReplaysFrom);
    }

    /// <summary>Where a restart may have to begin (rule C2), if the newest state turns out to be damaged.</summary>
    private Place ReplaysFrom => _states.Oldest() is var oldest && oldest < _committed ? oldest : _committed;

    /// <summary>What it reads from a version that says no more (rule E2); null for nothing.</summary>
    private string? Stalled() => _version.Made.Upstreams
        .Where(one => _journal.Catalog.Find(one.Value) is not { Runs: true })
        .Select(one => $"'{one.Key}' of {one.Value}, which runs no more: reprocess this job to read the live version")
        .FirstOrDefault();

    /// <summary>Without a state it begins anew, which is right only where the log still begins as it did.</summary>
    private async ValueTask RefuseLostHistoryAsync()
    {
        if (_committed == Place.Start || !Lost().Any())
        {
            return;
        }

        // Perhaps an archive has it that was not asked yet, and a reader from the first record asks it.
        await using (var first = _log.Read([.. Lost().Select(topic => topic.Name)], Place.Start))
        {
            first.TryRead(out _);
        }

        if (Lost().FirstOrDefault() is { } topic)
        {
            throw new KappaException(
                ErrorKind.Conflict,
                $"{Version} has no state file left, and topic '{topic.Name}' begins behind {topic.Start}: its"
                    + " tables cannot be computed again.",
                "Bring its state files back, or reprocess the job: the new version begins where the log does.");
        }
    }

    private IEnumerable<Topic> Lost() => _log.Topics.Where(topic => _read.Contains(topic.Name)
        && topic.Start > _version.Made.Beginnings.GetValueOrDefault(topic.Name));
}
