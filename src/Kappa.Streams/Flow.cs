using Kappa.Log;
using Kappa.Streams.Nodes;
using Kappa.Streams.Runtime;

namespace Kappa.Streams;

/// <summary>What a job's definition is given: where its streams begin.</summary>
public sealed partial class Flow
{
    private readonly Job _job;
    private readonly List<Node> _nodes = [];
    private bool _finished;

    internal Flow(Job job) => _job = job;

    /// <summary>
    /// The events of a topic. With an event time its watermark follows the events (rule T1).
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <param name="eventTime">When an event happened; null: the stream has no event time, and cannot be
    /// windowed.</param>
    /// <param name="lateness">How far behind the highest event time others may come without being late. Default
    /// 0.</param>
    /// <param name="maxAhead">Event times further ahead of log time than this are dead letters (rule T3). Default 1
    /// h.</param>
    /// <param name="quietAfter">When log time has passed this long without a record of the topic, its watermark follows
    /// the log time (rule T2). Default none: it waits, so that history being loaded does not become late.</param>
    /// <param name="settle">For so long after the log was opened the watermark stays (rule T2), for devices that come
    /// back with stored records. Default 0.</param>
    /// <param name="codec">How the topic's events are written. Default <see cref="Codec.Json{T}"/>.</param>
    public EventStream<T> From<T>(
        string topic, Func<T, DateTimeOffset>? eventTime = null, TimeSpan lateness = default, TimeSpan? maxAhead = null,
        TimeSpan? quietAfter = null, TimeSpan settle = default, Codec<T>? codec = null)
    {
        Names.Check("topic", topic);
        if (lateness < TimeSpan.Zero)
        {
            throw Wrong(
                $"the lateness of topic '{topic}' is {lateness}; allowed are 0 and more.",
                "Give a lateness of 0 or more, for example TimeSpan.FromSeconds(30).");
        }

        var ahead = maxAhead ?? TimeSpan.FromHours(1);
        if (ahead < TimeSpan.Zero)
        {
            throw Wrong(
                $"the maxAhead of topic '{topic}' is {ahead}; allowed are 0 and more.",
                "Give a maxAhead of 0 or more, or leave it out for 1 h.");
        }

        var timing = new SourceTiming(
            AllTime.Within(lateness).Ticks, quietAfter?.Ticks, AllTime.Within(settle).Ticks);
        return new EventStream<T>(Add(new SourceNode<T>(this, topic, eventTime, AllTime.Within(ahead), timing)
        {
            Codec = codec ?? Streams.Codec.Json<T>(),
        }));
    }

    internal TNode Add<TNode>(TNode node)
        where TNode : Node
    {
        if (_finished)
        {
            throw Wrong("its definition went on after it had been built.",
                "Build the whole flow inside the lambda given to Job.Define.");
        }

        node.Id = _nodes.Count;
        _nodes.Add(node);
        return node;
    }

    internal Topology Finish()
    {
        _finished = true;
        return new Topology(_job, _nodes);
    }

    /// <summary>
    /// What was found wrong without knowing the job, such as a window of no size: said with the job, and behind which
    /// operator it was written.
    /// </summary>
    internal KappaException Located(KappaException wrong)
    {
        var job = $"Job '{_job.Name}'";
        return wrong.Message.StartsWith(job, StringComparison.Ordinal)
            ? wrong
            : new KappaException(
                wrong.Kind, $"{job}{(_nodes.Count > 0 ? $", behind {_nodes[^1].Label}" : "")}: {wrong.Message}",
                wrong.Next, wrong);
    }

    internal KappaException Wrong(string what, string next) =>
        new(ErrorKind.Invalid, $"Job '{_job.Name}': {what}", next);
}
