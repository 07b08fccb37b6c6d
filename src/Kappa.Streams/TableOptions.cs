using Kappa.Tables;

namespace Kappa.Streams;

/// <summary>What a table may be given beside its name.</summary>
public sealed class TableOptions
{
    private readonly List<TableIndex> _indexes = [];

    internal IReadOnlyList<TableIndex> Indexes => _indexes;

    internal string? Description { get; private set; }

    /// <summary>Asks for an index on columns, by their names in the table (snake_case).</summary>
    public TableOptions Index(params string[] columns)
    {
        _indexes.Add(new TableIndex(columns));
        return this;
    }

    /// <summary>Says what the table shows, in one sentence.</summary>
    public TableOptions Describe(string text)
    {
        Description = text;
        return this;
    }

    internal static TableOptions From(Action<TableOptions>? configure)
    {
        var options = new TableOptions();
        configure?.Invoke(options);
        return options;
    }
}
