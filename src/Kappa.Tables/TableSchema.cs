using System.Text.Json.Serialization;
using Kappa.Log;

namespace Kappa.Tables;

/// <summary>
/// What a column holds. Each has one encoding in keys, rows, exports and stores (docs/formats/rows.md).
/// </summary>
public enum ColumnType
{
    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A whole number of 64 bits; smaller ones are widened.</summary>
    Integer,

    /// <summary>A number of 64 bits, IEEE 754. −0 is kept as 0.</summary>
    Double,

    /// <summary>A decimal number with its scale.</summary>
    Decimal,

    /// <summary>Text, as UTF-8.</summary>
    Text,

    /// <summary>A point in time, UTC, of 100 ns.</summary>
    Timestamp,

    /// <summary>A length of time, of 100 ns.</summary>
    Duration,

    /// <summary>128 bits.</summary>
    Guid,

    /// <summary>Bytes.</summary>
    Bytes,

    /// <summary>Anything nested, as JSON text. Never part of a key.</summary>
    Json,
}

/// <summary>A typed column of a table.</summary>
/// <param name="Name">In snake_case, unique in the table.</param>
/// <param name="Type">What it holds.</param>
public sealed record Column(string Name, ColumnType Type);

/// <summary>An index asked for on columns of a table.</summary>
/// <param name="Columns">Names of columns, in order.</param>
public sealed record TableIndex(IReadOnlyList<string> Columns);

/// <summary>
/// The shape of a table: its key columns (window start and end included), then its value columns (values,
/// <c>is_final</c>). The key's bytes are <see cref="KeyWriter"/>'s, the values' bytes <see cref="RowWriter"/>'s.
/// </summary>
/// <param name="Name">The table's name (see <see cref="Names"/>).</param>
/// <param name="Key">1 or more columns, none of them JSON.</param>
/// <param name="Values">The other columns, in order.</param>
public sealed record TableSchema(string Name, IReadOnlyList<Column> Key, IReadOnlyList<Column> Values)
{
    /// <summary>Indexes asked for.</summary>
    public IReadOnlyList<TableIndex> Indexes { get; init; } = [];

    /// <summary>What the table says, in one sentence; shown where it is listed.</summary>
    public string? Description { get; init; }

    /// <summary>All columns, key first.</summary>
    [JsonIgnore]
    public IEnumerable<Column> Columns => Key.Concat(Values);
}
