using Kappa.Streams.Fingerprints;
using Kappa.Streams.Runtime;
using Kappa.Tables;

namespace Kappa.Streams.Nodes;

/// <summary>
/// One operator of a job as written: immutable description; <c>Build</c> makes what runs, once per worker.
/// </summary>
internal abstract class Node(Flow flow, params Node[] inputs)
{
    public Flow Flow { get; } = flow;

    /// <summary>
    /// Position among the job's nodes, in the order written: inputs come before. It is the stage of rule T7.
    /// </summary>
    public int Id { get; set; }

    /// <summary>The operator's name, as in the job API.</summary>
    public abstract string Kind { get; }

    /// <summary>Resolved settings, in one canonical text.</summary>
    public virtual string Settings => "";

    public virtual IEnumerable<Delegate> Lambdas => [];

    public virtual IEnumerable<object?> Values => [];

    public virtual IEnumerable<Type> Types => [];

    /// <summary>What it reads from, in the order written.</summary>
    public IReadOnlyList<Node> Inputs { get; } = inputs;

    /// <summary>The first source it flows from, for errors that name a topic.</summary>
    public ISourceNode Source => this as ISourceNode ?? Inputs[0].Source;

    /// <summary>
    /// Where the watermark of what it gives on comes from (rule T1), less its hold (rule T6): a stage that sends late
    /// results holds back those behind it.
    /// </summary>
    public virtual StreamTime Time => TimeIn.Held(OwnHoldTicks);

    /// <summary>Where the watermark of what comes in comes from: the lowest of its inputs.</summary>
    public StreamTime TimeIn => Inputs.Count == 1
        ? Inputs[0].Time
        : StreamTime.Lowest([.. Inputs.Select(input => input.Time)]);

    /// <summary>What this node adds to the hold.</summary>
    protected virtual long OwnHoldTicks => 0;

    /// <summary>How many merges there are on the way from the last exchange.</summary>
    public virtual int Merges => Inputs.Count == 0 ? 0 : Inputs.Max(input => input.Merges);

    /// <summary>How late and dead records, errors and progress name it.</summary>
    public string Label => $"{Id}:{Kind}";

    public StageName Name => new(Id, Label);

    public string Describe() =>
        $"{Id} {Kind}({string.Join(',', Inputs.Select(input => input.Id))}) {Settings} ["
        + string.Join(", ", Types.Select(ReadableName.Of)) + "]";

    /// <summary>Checks what only a definition can be wrong about. Throws.</summary>
    public virtual void Check()
    {
    }
}

/// <summary>A node that gives values on to others.</summary>
internal abstract class Node<T>(Flow flow, params Node[] inputs) : Node(flow, inputs)
{
    private readonly List<IConsumer<T>> _consumers = [];

    public bool IsConsumed => _consumers.Count > 0;

    public void Feed(IConsumer<T> consumer) => _consumers.Add(consumer);

    /// <summary>Builds what comes behind this node, for one worker.</summary>
    protected IReceiver<T> BuildNext(SegmentInstance instance) =>
        Fan<T>.Of([.. _consumers.Select(consumer => consumer.Build(instance))]);
}

/// <summary>A node whose values have a key; what follows may use it.</summary>
internal abstract class KeyedNode<TKey, T>(Flow flow, params Node[] inputs) : Node<T>(flow, inputs)
    where TKey : notnull
{
    private readonly List<IKeyedConsumer<TKey, T>> _keyed = [];

    public void Feed(IKeyedConsumer<TKey, T> consumer) => _keyed.Add(consumer);

    protected IKeyedReceiver<TKey, T> BuildKeyedNext(SegmentInstance instance)
    {
        var receivers = _keyed.Select(consumer => consumer.Build(instance)).ToList();
        if (IsConsumed)
        {
            receivers.Add(new KeyDropped<TKey, T>(BuildNext(instance)));
        }

        return KeyedFan<TKey, T>.Of(receivers);
    }
}

/// <summary>A node that takes values from another.</summary>
internal interface IConsumer<T>
{
    IReceiver<T> Build(SegmentInstance instance);
}

/// <summary>A node that takes keyed values from another.</summary>
internal interface IKeyedConsumer<TKey, T>
    where TKey : notnull
{
    IKeyedReceiver<TKey, T> Build(SegmentInstance instance);
}

/// <summary>A node that writes tables.</summary>
internal interface ITableNode
{
    IEnumerable<TableSchema> Tables { get; }
}

/// <summary>A node whose results can be put into tables.</summary>
internal interface IResultNode
{
    void AddTable(string name, TableOptions options);
}
