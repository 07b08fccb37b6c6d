using Kappa.Log;
using Kappa.Tables;
using Kappa.Tables.Loop;

namespace Kappa.Streams.Runtime;

/// <summary>
/// The topic on which a version says one of its outputs (rule E1): <c>alerts@2</c>, one partition, in order of id. It
/// is written before the tables are committed, so what the last record says is the memory of the writer: ids up to it
/// are never written again. Numbered requests (rule L8) would not do instead: producers are remembered for a day, and a
/// version may stand still for longer.
/// </summary>
internal sealed class DerivedTopic : IAsyncDisposable
{
    private const int RequestBytesMax = 1 << 20;
    private readonly ILog _log;
    private readonly string _topic;
    private readonly byte[] _idPrefix;
    private OutputId _last;
    private SaidBefore? _before;

    private DerivedTopic(ILog log, JobVersion version, VersionOutput output, OutputId last)
    {
        _log = log;
        _topic = output.DerivedBy(version);
        _idPrefix = OutputId.PrefixOf(version.Job, output);
        _last = last;
        Output = output;
    }

    public VersionOutput Output { get; }

    /// <summary>Makes the topic where it is missing, and finds out what was said on it last.</summary>
    public static async ValueTask<DerivedTopic> OpenAsync(
        ILog log, JobVersion version, VersionOutput output, CancellationToken cancel)
    {
        var topic = output.DerivedBy(version);
        await log.ChangeAsync(new CreateTopic(topic), cancel);
        return new DerivedTopic(log, version, output, await TopicTail.ReadAsync(log, topic, cancel));
    }

    /// <summary>A difference between what was said and what was computed again, where there is one (rule C2).</summary>
    public string? Difference { get; private set; }

    /// <summary>Says from which place on everything is computed again.</summary>
    public void Begin(Place from) =>
        _before = new SaidBefore(new DerivedReader(_log, _topic, new OutputId(from, int.MaxValue)), _last);

    /// <summary>Takes what is computed again up to the committed place: nothing of it is written (rule C2).</summary>
    public void Recomputed(List<OutputRecord> again)
    {
        foreach (var record in again)
        {
            Difference ??= _before?.Compare(record);
        }
    }

    public ValueTask DisposeAsync() => _before?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Appends what was not said yet, in requests of bounded size; returns when it is durable.</summary>
    /// <exception cref="KappaException">
    /// The log failed: some of it may be in the topic, so another instance must be opened to find out.
    /// </exception>
    public async ValueTask WriteAsync(List<OutputRecord> said)
    {
        var request = new List<NewRecord>();
        var bytes = 0;
        foreach (var record in said)
        {
            Difference ??= _before?.Compare(record);
            if (record.Id <= _last)
            {
                continue;
            }

            request.Add(NewRecord.Of(record.Key, record.Value, [new(OutputId.Header, record.Id.ToHeader(_idPrefix))]));
            bytes += record.Value.Length + (record.Key?.Length ?? 0);
            _last = record.Id;
            if (bytes >= RequestBytesMax)
            {
                await AppendAsync(request);
                request = [];
                bytes = 0;
            }
        }

        if (request.Count > 0)
        {
            await AppendAsync(request);
        }
    }

    // Never given up half-way: whoever opens the topic next must see what became of it.
    private async ValueTask AppendAsync(List<NewRecord> request) =>
        await _log.AppendAsync(new AppendRequest(_topic, request), CancellationToken.None);
}
