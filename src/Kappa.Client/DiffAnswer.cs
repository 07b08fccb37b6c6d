using System.Text.Json;

namespace Kappa.Client;

/// <summary>How two versions differ at one place.</summary>
/// <param name="Left">One version.</param>
/// <param name="Right">The other.</param>
/// <param name="Place">The place at which both were compared.</param>
/// <param name="Same">No row differs.</param>
/// <param name="Tables">Each table.</param>
public sealed record DiffAnswer(
    string Left, string Right, string Place, bool Same, IReadOnlyList<TableDiffView> Tables);

/// <summary>How a table differs. The counts are exact.</summary>
/// <param name="Table">The table.</param>
/// <param name="Presence">"both", "only-left", "only-right", "renamed-key" or "other-key".</param>
/// <param name="Same">Rows that are equal.</param>
/// <param name="Changed">Rows of one key with other values.</param>
/// <param name="OnlyLeft">Rows the right version does not have.</param>
/// <param name="OnlyRight">Rows the left version does not have.</param>
/// <param name="Columns">Every value column of either version.</param>
/// <param name="Samples">Some differing rows, in order of key.</param>
public sealed record TableDiffView(
    string Table, string Presence, long Same, long Changed, long OnlyLeft, long OnlyRight,
    IReadOnlyList<ColumnDiffView> Columns, IReadOnlyList<RowDiffView> Samples);

/// <summary>How a column differs, over the keys both versions have.</summary>
/// <param name="Column">The column.</param>
/// <param name="Type">Its type.</param>
/// <param name="Presence">"both", "only-left" or "only-right".</param>
/// <param name="Changed">Rows in which its value changed.</param>
/// <param name="Delta">For numbers: right minus left over these rows; null where there is none.</param>
public sealed record ColumnDiffView(string Column, string Type, string Presence, long Changed, DeltaView? Delta);

/// <summary>Right minus left of a number. Durations count in ticks of 100 ns.</summary>
/// <param name="Count">Rows.</param>
/// <param name="Minimum">The smallest.</param>
/// <param name="Maximum">The largest.</param>
/// <param name="Sum">Their sum.</param>
public sealed record DeltaView(long Count, double Minimum, double Maximum, double Sum);

/// <summary>A differing row, its values under the names of their columns.</summary>
/// <param name="Change">"changed", "only-left" or "only-right".</param>
/// <param name="Key">The key columns.</param>
/// <param name="Left">The left row's values; null where it has none.</param>
/// <param name="Right">The right row's values; null where it has none.</param>
public sealed record RowDiffView(string Change, JsonElement Key, JsonElement? Left, JsonElement? Right);

/// <summary>Asks to compare two versions.</summary>
/// <param name="Left">A version of a job or of a table: <c>driving@1</c>, <c>trips@1</c>.</param>
/// <param name="Right">Another one of the same.</param>
/// <param name="Samples">How many differing rows to show per table, 0 to 1 000; default 10.</param>
public sealed record DiffRequest(string Left, string Right, int Samples = 10);
