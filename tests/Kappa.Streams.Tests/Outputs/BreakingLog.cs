using Kappa.Log;

namespace Kappa.Streams.Tests.Outputs;

/// <summary>
/// A log whose appends to some topics fail now and then, before they were kept or after: the caller cannot know which.
/// </summary>
internal sealed class BreakingLog(ILog inner, Random random, Func<string, bool> breaks) : ILog
{
    private readonly object _lock = new();
    private bool _hasBroken;

    public int LostBefore { get; private set; }

    public int LostAfter { get; private set; }

    public LogId Id => inner.Id;

    public IReadOnlyList<Topic> Topics => inner.Topics;

    public ValueTask ChangeAsync(TopicChange change, CancellationToken cancel) => inner.ChangeAsync(change, cancel);

    public async ValueTask<Appended> AppendAsync(AppendRequest request, CancellationToken cancel)
    {
        if (!breaks(request.Topic))
        {
            return await inner.AppendAsync(request, cancel);
        }

        int roll;
        lock (_lock)
        {
            // The first breaks in the middle: how many more do, a run decides.
            roll = _hasBroken ? random.Next(9) : 1;
            _hasBroken = true;
        }

        // Some of a request may be in the log, all of it, or nothing.
        var kept = roll switch { 0 => 0, 1 => random.Next(request.Records.Count + 1), _ => request.Records.Count };
        var appended = kept == 0
            ? new Appended([], false)
            : await inner.AppendAsync(request with { Records = [.. request.Records.Take(kept)] }, cancel);
        if (roll > 2)
        {
            return appended;
        }

        lock (_lock)
        {
            _ = kept == 0 ? LostBefore++ : LostAfter++;
        }

        throw new KappaException(ErrorKind.Unavailable, "The disk did not keep it.", "Check the disk.");
    }

    public ISequence Read(IReadOnlyList<string> topics, Place after) => inner.Read(topics, after);

    public ValueTask<Place> FindAsync(string topic, int partition, long offset, CancellationToken cancel) =>
        inner.FindAsync(topic, partition, offset, cancel);

    public void ClockAt(long logTime) => inner.ClockAt(logTime);

    public ValueTask<long> NextEpochAsync(CancellationToken cancel) => inner.NextEpochAsync(cancel);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
