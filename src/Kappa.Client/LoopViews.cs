using System.Text.Json;

namespace Kappa.Client;

/// <summary>Asks to compare two versions.</summary>
/// <param name="Left">A version of a job or of a table: <c>driving@1</c>, <c>trips@1</c>.</param>
/// <param name="Right">Another one of the same.</param>
/// <param name="Samples">How many differing rows to show per table, 0 to 1 000; default 10.</param>
public sealed record DiffRequest(string Left, string Right, int Samples = 10);

/// <summary>How two versions differ at one place.</summary>
/// <param name="Left">One version.</param>
/// <param name="Right">The other.</param>
/// <param name="Place">The place at which both were compared.</param>
/// <param name="Same">No row differs.</param>
/// <param name="Tables">Each table.</param>
public sealed record DiffAnswer(string Left, string Right, string Place, bool Same, IReadOnlyList<TableDiffView> Tables);

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

/// <summary>Asks to switch readers to versions, all at once (rule V6).</summary>
/// <param name="To">Versions: <c>driving@2</c>.</param>
/// <param name="DeadlineSeconds">After so long it is given up; 1 to 86 400, default 60.</param>
public sealed record SwitchRequest(IReadOnlyList<string> To, double DeadlineSeconds = 60);

/// <summary>What a verb of the loop did.</summary>
/// <param name="Text">In a sentence, with what to do next.</param>
/// <param name="Versions">The versions it made, switched to or dropped.</param>
/// <param name="Place">The place at which it took effect, or null.</param>
public sealed record LoopAnswer(string Text, IReadOnlyList<string> Versions, string? Place);

/// <summary>Names a version.</summary>
/// <param name="Version">As <c>job@number</c>.</param>
public sealed record VersionRequest(string Version);

/// <summary>A table.</summary>
/// <param name="Table">Its name.</param>
/// <param name="Job">The job it belongs to.</param>
/// <param name="Version">The version described.</param>
/// <param name="State">The state of this version.</param>
/// <param name="Live">Do readers see it?</param>
/// <param name="Description">What it shows.</param>
/// <param name="Columns">Its columns, key first.</param>
public sealed record TableView(
    string Table, string Job, string Version, string State, bool Live, string? Description,
    IReadOnlyList<ColumnView> Columns);

/// <summary>A column.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">What it holds.</param>
/// <param name="Key">Is it part of the key?</param>
public sealed record ColumnView(string Name, string Type, bool Key);

/// <summary>Asks a read-only question in SQL.</summary>
/// <param name="Sql">One SELECT.</param>
/// <param name="Job">A job or version to ask; null: the owner of the tables named.</param>
/// <param name="Table">A table, or table version, whose owner to ask.</param>
/// <param name="Parameters">Values of <c>$name</c> parameters.</param>
/// <param name="Limit">How many rows at most, 1 to 100 000; default 1 000.</param>
public sealed record QueryRequest(
    string Sql, string? Job = null, string? Table = null, IReadOnlyDictionary<string, JsonElement>? Parameters = null,
    int Limit = 1000);

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

/// <summary>That a server is up.</summary>
/// <param name="Status">"ok".</param>
/// <param name="Version">The version of Kappa.</param>
public sealed record HealthView(string Status, string Version);
