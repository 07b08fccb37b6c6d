using System.Text;

namespace Kappa.Tables.Sqlite;

/// <summary>The SQL of a table: every identifier comes from a checked schema and is quoted by one function.</summary>
internal static class TableSql
{
    /// <summary>The table that holds format, version, schemas, place and epoch.</summary>
    public const string Meta = "kappa_meta";

    /// <summary>The column that holds the key bytes.</summary>
    public const string RowKey = "row_key";

    /// <summary>Quotes an identifier. Names hold no quotes, and one that did would still stay an identifier.</summary>
    public static string Quote(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    public static string Create(TableSchema table)
    {
        var sql = new StringBuilder("CREATE TABLE IF NOT EXISTS ").Append(Quote(table.Name)).Append(" (");
        foreach (var column in table.Columns)
        {
            sql.Append(Quote(column.Name)).Append(' ').Append(Declared(column.Type)).Append(", ");
        }

        return sql.Append(RowKey).Append(" BLOB NOT NULL PRIMARY KEY) WITHOUT ROWID").ToString();
    }

    public static IEnumerable<string> CreateIndexes(TableSchema table) => table.Indexes.Select(index =>
        $"CREATE INDEX IF NOT EXISTS {Quote("kappa_index_" + table.Name + "_" + string.Join("_", index.Columns))} "
        + $"ON {Quote(table.Name)} ({string.Join(", ", index.Columns.Select(Quote))})");

    public static string Put(TableSchema table)
    {
        var columns = table.Columns.Select(c => Quote(c.Name)).Append(RowKey).ToList();
        var parameters = Enumerable.Range(1, columns.Count).Select(i => "?" + i);
        return $"INSERT OR REPLACE INTO {Quote(table.Name)} ({string.Join(", ", columns)}) "
            + $"VALUES ({string.Join(", ", parameters)})";
    }

    public static string Remove(TableSchema table) => $"DELETE FROM {Quote(table.Name)} WHERE {RowKey} = ?1";

    /// <summary>Key bytes and value columns, in this order.</summary>
    public static string Select(TableSchema table) =>
        $"SELECT {string.Join(", ", table.Values.Select(c => Quote(c.Name)).Prepend(RowKey))} FROM {Quote(table.Name)}";

    public static string Declared(ColumnType type) => type switch
    {
        ColumnType.Boolean or ColumnType.Integer or ColumnType.Duration => "INTEGER",
        ColumnType.Double => "REAL",
        ColumnType.Bytes => "BLOB",
        _ => "TEXT",
    };
}
