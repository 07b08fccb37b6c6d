using Kappa.Log;

namespace Kappa.Streams.Tests.Outputs;

/// <summary>A log whose appends to one topic wait until they are let through.</summary>
internal sealed class HeldLog(ILog inner, string topic) : ILog
{
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public LogId Id => inner.Id;

    public IReadOnlyList<Topic> Topics => inner.Topics;

    /// <summary>Ends when the first append waits.</summary>
    public Task Asked => _asked.Task;

    public void Open() => _open.SetResult();

    public ValueTask ChangeAsync(TopicChange change, CancellationToken cancel) => inner.ChangeAsync(change, cancel);

    public async ValueTask<Appended> AppendAsync(AppendRequest request, CancellationToken cancel)
    {
        if (request.Topic == topic)
        {
            _asked.TrySetResult();
            await _open.Task;
        }

        return await inner.AppendAsync(request, cancel);
    }

    public ISequence Read(IReadOnlyList<string> topics, Place after) => inner.Read(topics, after);

    public ValueTask<Place> FindAsync(string topic, int partition, long offset, CancellationToken cancel) =>
        inner.FindAsync(topic, partition, offset, cancel);

    public void ClockAt(long logTime) => inner.ClockAt(logTime);

    public ValueTask<long> NextEpochAsync(CancellationToken cancel) => inner.NextEpochAsync(cancel);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
