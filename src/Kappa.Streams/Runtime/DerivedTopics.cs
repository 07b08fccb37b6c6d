using Kappa.Log;
using Kappa.Tables;
using Kappa.Tables.Loop;

namespace Kappa.Streams.Runtime;

/// <summary>All outputs of a running version (rule E1).</summary>
internal sealed class DerivedTopics
{
    private readonly List<DerivedTopic> _topics = [];

    public bool Any => _topics.Count > 0;

    /// <summary>The first difference between what was said and what was computed again (rule C2), or null.</summary>
    public string? Difference => _topics.Select(topic => topic.Difference).FirstOrDefault(one => one is not null);

    /// <summary>Makes the topics that are missing, and finds out what was said on each last.</summary>
    public async ValueTask OpenAsync(
        ILog log, JobVersion version, IReadOnlyList<VersionOutput> outputs, CancellationToken cancel)
    {
        foreach (var output in outputs)
        {
            _topics.Add(await DerivedTopic.OpenAsync(log, version, output, cancel));
        }
    }

    /// <summary>Says from which place on everything is computed again.</summary>
    public void Begin(Place from) => _topics.ForEach(topic => topic.Begin(from));

    /// <summary>Takes what the machine says up to the committed place; nothing of it is written.</summary>
    public void Recomputed(JobMachine machine) =>
        _topics.ForEach(topic => topic.Recomputed(machine.CollectOutput(topic.Output.Topic)));

    /// <summary>Appends what the machine says and was not said yet; returns when it is durable.</summary>
    public async ValueTask WriteAsync(JobMachine machine)
    {
        foreach (var topic in _topics)
        {
            await topic.WriteAsync(machine.CollectOutput(topic.Output.Topic));
        }
    }

    /// <summary>Ends the reading of what was said before.</summary>
    public async ValueTask CloseAsync()
    {
        foreach (var topic in _topics)
        {
            await topic.DisposeAsync();
        }
    }
}
