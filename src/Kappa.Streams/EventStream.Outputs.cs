using Kappa.Streams.Nodes;

namespace Kappa.Streams;

/// <content>What a job says to the world (rules E1 to E3).</content>
public partial class EventStream<T>
{
    /// <summary>
    /// Says each value, as JSON, on a topic. Version 2 says it on <c>name@2</c>; the topic itself carries what the live
    /// version says.
    /// </summary>
    /// <param name="name">The topic's name; the topic belongs to this job.</param>
    public void ToTopic(string name) =>
        Flow.Add(new OutputNode<string, T>(Node, OutputShape.Of(Flow, name, null), null));

    /// <summary>As <see cref="ToTopic(string)"/>, each record under a key.</summary>
    /// <param name="name">The topic's name; the topic belongs to this job.</param>
    /// <param name="key">The record's key: text as it is, everything else as JSON. Null is a dead letter.</param>
    public void ToTopic<TKey>(string name, Func<T, TKey> key)
        where TKey : notnull =>
        Flow.Add(new OutputNode<TKey, T>(Node, OutputShape.Of(Flow, name, null), Given(name, key)));

    /// <summary>
    /// Says each value on a topic, and posts what the live version says to an address: at least once, in order, each
    /// with a stable id.
    /// </summary>
    /// <param name="name">The name of topic and subscription; both belong to this job.</param>
    /// <param name="address">Where it is posted to: http or https, without user name or password.</param>
    public void ToWebhook(string name, Uri address) =>
        Flow.Add(new OutputNode<string, T>(Node, OutputShape.Of(Flow, name, Given(name, address)), null));

    /// <summary>As <see cref="ToWebhook(string, Uri)"/>, each record under a key and in order per key.</summary>
    /// <param name="name">The name of topic and subscription; both belong to this job.</param>
    /// <param name="address">Where it is posted to: http or https, without user name or password.</param>
    /// <param name="key">The record's key: text as it is, everything else as JSON. Null is a dead letter.</param>
    public void ToWebhook<TKey>(string name, Uri address, Func<T, TKey> key)
        where TKey : notnull =>
        Flow.Add(new OutputNode<TKey, T>(
            Node, OutputShape.Of(Flow, name, Given(name, address)), Given(name, key)));

    private TGiven Given<TGiven>(string name, TGiven? given)
        where TGiven : class => given
            ?? throw Flow.Wrong($"output '{name}' was given null.", "Give it, or use the overload without it.");
}
