using Kappa.Log;

namespace Kappa.Tables;

/// <summary>What a table's schema must be before anything is stored under it.</summary>
public static class SchemaRules
{
    /// <summary>Columns a table may have at most, key columns included.</summary>
    public const int ColumnsMax = 500;

    /// <summary>Checks the tables of one version.</summary>
    /// <exception cref="KappaException">The first rule broken, with the table and the column.</exception>
    public static void Check(IReadOnlyList<TableSchema> tables)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var table in tables)
        {
            Check(table);
            if (!names.Add(table.Name))
            {
                throw new KappaException(
                    ErrorKind.Conflict, $"Two tables of the job are called '{table.Name}'.",
                    "Give one of them another name.");
            }
        }
    }

    private static void Check(TableSchema table)
    {
        Names.Check("table", table.Name);
        if (table.Name.StartsWith("kappa_", StringComparison.Ordinal)
            || table.Name.StartsWith("sqlite_", StringComparison.Ordinal))
        {
            throw new KappaException(
                ErrorKind.Invalid,
                $"'{table.Name}' is no name for a table: 'kappa_' and 'sqlite_' are the store's own.",
                "Choose another name for the table.");
        }

        var columns = table.Key.Concat(table.Values).ToList();
        if (table.Key.Count == 0 || columns.Count > ColumnsMax)
        {
            throw Wrong(table,
                $"has {table.Key.Count} key columns and {columns.Count} columns; "
                + $"allowed are 1 or more and {ColumnsMax}");
        }

        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "row_key" };
        foreach (var column in columns)
        {
            if (!IsColumnName(column.Name))
            {
                throw Wrong(table,
                    $"has a column '{column.Name}'; "
                    + "allowed are 1 to 100 characters of a-z 0-9 _ beginning with a letter or _");
            }

            if (!seen.Add(column.Name))
            {
                throw Wrong(table, $"has two columns '{column.Name}' ('row_key' is the store's own)");
            }
        }

        if (table.Key.FirstOrDefault(c => c.Type == ColumnType.Json) is { } json)
        {
            throw Wrong(table, $"has JSON in its key column '{json.Name}', which has no one order");
        }

        if (table.Indexes.SelectMany(i => i.Columns).FirstOrDefault(c => columns.All(k => k.Name != c)) is { } missing)
        {
            throw Wrong(table, $"asks for an index on '{missing}', which is none of its columns");
        }
    }

    private static bool IsColumnName(string name) =>
        name.Length is > 0 and <= Names.LengthMax && !char.IsAsciiDigit(name[0])
        && name.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_');

    private static KappaException Wrong(TableSchema table, string what) =>
        new(ErrorKind.Invalid, $"The table '{table.Name}' {what}.", "Correct the table's definition in the job.");
}
