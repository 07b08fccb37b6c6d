using Kappa.Streams;
using Kappa.Streams.Nodes;
using Kappa.Streams.Runtime;

namespace Kappa.Testing;

/// <summary>
/// The event time of a record, as the job that reads it says: log time follows it in a test (rule L1).
/// </summary>
internal abstract class EventTimes
{
    /// <summary>One for each source with event time, by topic.</summary>
    public static ILookup<string, EventTimes> Of(Topology topology) => topology.Nodes.OfType<ISourceNode>()
        .Where(node => node.HasEventTime)
        .ToLookup(
            node => node.Topic,
            node => (EventTimes)Activator.CreateInstance(
                typeof(OfSource<>).MakeGenericType(((Node)node).Types.First()), node)!);

    /// <summary>The event time; null where the record cannot be decoded.</summary>
    public abstract DateTimeOffset? Read(ReadOnlySpan<byte> value);

    private sealed class OfSource<T>(SourceNode<T> source) : EventTimes
    {
        public override DateTimeOffset? Read(ReadOnlySpan<byte> value)
        {
            try
            {
                return source.EventTime!(source.Codec.Read(value));
            }
            catch (Exception error) when (UserCode.MayFail(error))
            {
                // The machine will say what is wrong with it, as a dead letter.
                return null;
            }
        }
    }
}
