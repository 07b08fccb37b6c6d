using Kappa.Streams.Nodes;

namespace Kappa.Streams;

/// <content>What a job says to the world (rules E1 to E3).</content>
public sealed partial class KeyedStream<TKey, T>
{
    /// <summary>Says each value, as JSON, on a topic, under the key of this stream.</summary>
    /// <param name="name">The topic's name; the topic belongs to this job.</param>
    public void ToTopic(string name) =>
        Flow.Add(new KeyedOutputNode<TKey, T>(Node, OutputShape.Of(Flow, name, null)));

    /// <summary>
    /// Says each value on a topic, under the key of this stream, and posts what the live version says to an address.
    /// </summary>
    /// <param name="name">The name of topic and subscription; both belong to this job.</param>
    /// <param name="address">Where it is posted to: http or https, without user name or password.</param>
    public void ToWebhook(string name, Uri address) =>
        Flow.Add(new KeyedOutputNode<TKey, T>(Node, OutputShape.Of(Flow, name, address
            ?? throw Flow.Wrong($"webhook '{name}' was given no address.", "Give one, or use ToTopic."))));
}
