using Kappa.Log;
using Kappa.Streams.Nodes;
using Kappa.Streams.Runtime;

namespace Kappa.Streams;

/// <summary>What can be wrong about a job as a whole is found when it is built, not when it runs.</summary>
internal static class TopologyCheck
{
    public static void Check(IReadOnlyList<Node> nodes, Job job)
    {
        if (!nodes.OfType<ISourceNode>().Any())
        {
            throw Wrong(job, "it reads no topic.", "Begin with flow.From<T>(\"topic\", …).");
        }

        var outputs = nodes.OfType<IOutputNode>().Select(node => node.Output.Topic).ToList();
        if (outputs.Count == 0 && !nodes.OfType<ITableNode>().SelectMany(node => node.Tables).Any())
        {
            throw Wrong(
                job, "it writes no table and no topic.", "End a stream with ToTable(\"name\") or ToTopic(\"name\").");
        }

        foreach (var node in nodes)
        {
            node.Check();
        }

        Preloading.Check(nodes);

        var names = nodes.OfType<ITableNode>().SelectMany(node => node.Tables).Select(table => table.Name)
            .Append(SideTables.Late(job.Name).Name).Append(SideTables.Dead(job.Name).Name);
        var twice = names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
        {
            throw Wrong(job, $"two of its tables are called '{twice.Key}'.", "Give each table a name of its own.");
        }

        CheckOutputs(nodes, job, outputs);
    }

    /// <summary>No job reads what it writes (rule E2).</summary>
    private static void CheckOutputs(IReadOnlyList<Node> nodes, Job job, List<string> outputs)
    {
        if (outputs.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw Wrong(
                job, $"two of its outputs are called '{twice.Key}'.",
                "Give each output a name of its own, or Merge the streams before.");
        }

        if (nodes.OfType<ISourceNode>().FirstOrDefault(source => outputs.Contains(source.Topic)) is { } loop)
        {
            var writer = (Node)nodes.OfType<IOutputNode>().First(node => node.Output.Topic == loop.Topic);
            throw Wrong(
                job,
                $"{((Node)loop).Label} reads topic '{loop.Topic}', which {writer.Label} writes: no job reads what "
                    + "it writes.",
                "Give the output another name, or use the stream itself instead of its topic.");
        }
    }

    private static KappaException Wrong(Job job, string what, string next) =>
        new(ErrorKind.Invalid, $"Job '{job.Name}': {what}", next);
}
