using Kappa.Streams;
using Kappa.Testing;

namespace Kappa.Nexmark.Tests;

/// <summary>A query of Nexmark: the job that computes it into a table of its name.</summary>
/// <param name="Name">Its name, for example q5.</param>
/// <param name="Define">The job's definition.</param>
/// <param name="Row">The columns of the query's result, in its order, from a row of the table.</param>
internal sealed record Query(string Name, Action<Flow> Define, Func<TestRow, object?[]> Row)
{
    /// <summary>Columns as they stand in the table.</summary>
    public Query(string name, Action<Flow> define, params string[] columns)
        : this(name, define, row => [.. columns.Select(column => row[column])])
    {
    }

    public Job Job { get; } = Job.Define(Name, Define);

    /// <summary>Those of the records that are of topics it reads.</summary>
    public IReadOnlyList<TestRecord> Read(IEnumerable<TestRecord> records)
    {
        var topics = Job.Build().Topics;
        return [.. records.Where(record => topics.Contains(record.Topic))];
    }
}
