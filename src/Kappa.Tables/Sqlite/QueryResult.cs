using Kappa.Log;

namespace Kappa.Tables.Sqlite;

/// <summary>The answer to a question about one version: one state, at one place (rule V7).</summary>
/// <param name="Version">The version asked.</param>
/// <param name="Place">The place of its tables.</param>
/// <param name="Columns">The names of the columns.</param>
/// <param name="Rows">
/// The values: long, double, string, byte[] or null from SQL; from a filter what <see cref="RowReader"/> gives.
/// </param>
/// <param name="Truncated">Were there more rows, or more bytes, than asked for?</param>
public sealed record QueryResult(
    JobVersion Version, Place Place, IReadOnlyList<string> Columns, IReadOnlyList<object?[]> Rows, bool Truncated);
