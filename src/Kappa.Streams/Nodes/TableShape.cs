using System.Globalization;
using Kappa.Log;
using Kappa.Streams.Runtime;
using Kappa.Tables;

namespace Kappa.Streams.Nodes;

/// <summary>The schemas of a job's tables, and what is wrong with them.</summary>
internal static class TableShape
{
    /// <summary>The schema of a table of a node.</summary>
    public static TableSchema Of(Node node, string name, Type key, Type value, bool windowed, TableOptions options)
    {
        try
        {
            Names.Check("table", name);
        }
        catch (KappaException wrong)
        {
            throw node.Flow.Wrong($"{node.Label}: {wrong.Message}", wrong.Next);
        }

        var keys = Shape.ColumnsOf(key, "key").ToList();
        var values = new List<Column>();
        if (windowed)
        {
            keys.Add(new Column("window_start", ColumnType.Timestamp));
            keys.Add(new Column("window_end", ColumnType.Timestamp));
        }

        if (keys.Count == 0)
        {
            throw node.Flow.Wrong(
                $"table '{name}' of {node.Label} would have no key: all of its stream is one.",
                "Give it a key with KeyBy, or cut the stream into windows.");
        }

        values.AddRange(Shape.ColumnsOf(value, "value"));
        if (windowed)
        {
            values.Add(new Column("is_final", ColumnType.Boolean));
        }

        var twice = keys.Concat(values).GroupBy(column => column.Name).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
        {
            throw node.Flow.Wrong(
                $"table '{name}' of {node.Label} would have two columns '{twice.Key}'.",
                Shape.Members(key).Count == 0
                    ? $"Rename that property of {value.Name}, or make the key a record with properties of other names."
                    : $"Rename that property of {key.Name} or of {value.Name}.");
        }

        var known = keys.Concat(values).Select(column => column.Name).ToHashSet();
        if (options.Indexes.SelectMany(index => index.Columns)
            .FirstOrDefault(column => !known.Contains(column)) is { } unknown)
        {
            throw node.Flow.Wrong(
                $"table '{name}' has no column '{unknown}' to index.", $"Its columns are {string.Join(", ", known)}.");
        }

        return new TableSchema(name, keys, values) { Indexes = options.Indexes, Description = options.Description };
    }

    /// <summary>Refuses types that cannot be keys.</summary>
    public static void CheckKey(Node node, Type key)
    {
        var nested = Shape.ColumnsOf(key, "key").FirstOrDefault(column => column.Type == ColumnType.Json);
        if (nested is not null)
        {
            throw node.Flow.Wrong(
                $"the key of {node.Label} has '{nested.Name}', which is neither a number, text, time, GUID nor enum.",
                "Use a simple type, or a record of simple types, as the key.");
        }
    }

    /// <summary>One canonical text of a schema, for fingerprints.</summary>
    public static string Describe(TableSchema schema) => string.Create(
        CultureInfo.InvariantCulture,
        $"{schema.Name}({string.Join(",", schema.Key.Select(Text))}|{string.Join(",", schema.Values.Select(Text))})")
        + string.Concat(schema.Indexes.Select(index => " index(" + string.Join(",", index.Columns) + ")"));

    private static string Text(Column column) => column.Name + ":" + column.Type;
}
