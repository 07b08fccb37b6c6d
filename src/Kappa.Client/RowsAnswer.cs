using System.Text.Json;

namespace Kappa.Client;

/// <summary>Rows of one version at one place.</summary>
/// <param name="Version">The version that answered.</param>
/// <param name="Place">The place of its tables.</param>
/// <param name="State">The state of that version; "Reprocessing" says that the answer is incomplete (rule C3).</param>
/// <param name="Columns">Names of columns.</param>
/// <param name="Rows">Rows, each with a value per column.</param>
/// <param name="Truncated">There are more rows than the limit.</param>
public sealed record RowsAnswer(
    string Version, string Place, string State, IReadOnlyList<string> Columns,
    IReadOnlyList<IReadOnlyList<JsonElement>> Rows, bool Truncated);

/// <summary>Asks a read-only question in SQL.</summary>
/// <param name="Sql">One SELECT.</param>
/// <param name="Job">A job or version to ask; null: the owner of the tables named.</param>
/// <param name="Table">A table, or table version, whose owner to ask.</param>
/// <param name="Parameters">Values of <c>$name</c> parameters.</param>
/// <param name="Limit">How many rows at most, 1 to 100 000; default 1 000.</param>
public sealed record QueryRequest(
    string Sql, string? Job = null, string? Table = null, IReadOnlyDictionary<string, JsonElement>? Parameters = null,
    int Limit = 1000);
