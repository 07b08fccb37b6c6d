using Kappa.Streams.Runtime;

namespace Kappa.Streams.Nodes;

/// <summary>Several streams as one, in order of place, then of the streams as written (rule T8).</summary>
internal sealed class MergeNode<T> : Node<T>
{
    public MergeNode(Flow flow, Node<T>[] inputs)
        : base(flow, inputs)
    {
        for (var side = 0; side < inputs.Length; side++)
        {
            inputs[side].Feed(new Input(this, side));
        }
    }

    public override string Kind => "Merge";

    public override int Merges => base.Merges + 1;

    public override void Check()
    {
        Ways.Check(this);
        if (Inputs.Select(input => input.Time.HasEventTime).Distinct().Count() > 1)
        {
            throw Flow.Wrong(
                $"{Label} brings together streams with and without an event time: {string.Join(", ",
                    Inputs.Select(input =>
                        $"'{input.Source.Topic}' {(input.Time.HasEventTime ? "with" : "without")}"))}.",
                "Give each From an eventTime, or none of them.");
        }
    }

    private sealed class Input(MergeNode<T> node, int side) : IConsumer<T>
    {
        public IReceiver<T> Build(SegmentInstance instance) =>
            Ways.Within(instance, node, side, () => node.BuildNext(instance));
    }
}
