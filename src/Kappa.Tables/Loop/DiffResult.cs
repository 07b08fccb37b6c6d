using System.Text.Json;
using Kappa.Log;

namespace Kappa.Tables.Loop;

/// <summary>
/// What differs between two versions of a job at one place. Plain records, made to be written as JSON.
/// </summary>
/// <param name="Left">The version compared from.</param>
/// <param name="Right">The version compared with.</param>
/// <param name="At">The place both were read at.</param>
/// <param name="Tables">Every table of either version, in order of name.</param>
public sealed record DiffResult(JobVersion Left, JobVersion Right, Place At, IReadOnlyList<TableDiff> Tables)
{
    /// <summary>Are the tables of both versions equal, in shape and rows?</summary>
    public bool IsSame => Tables.All(t => t.IsSame);
}

/// <summary>What differs in one table. The counts are exact.</summary>
/// <param name="Table">Its name.</param>
/// <param name="Presence">
/// "both", "only-left" or "only-right"; "renamed-key" where the key columns have other names; "other-key" where they
/// have other types, so that every row is on its own side only.
/// </param>
/// <param name="Same">Keys with equal rows.</param>
/// <param name="Changed">Keys with other rows.</param>
/// <param name="OnlyLeft">Keys only the left version has.</param>
/// <param name="OnlyRight">Keys only the right version has.</param>
/// <param name="Columns">Every value column of either side.</param>
/// <param name="Samples">The first differing rows, in order of key.</param>
public sealed record TableDiff(
    string Table, string Presence, long Same, long Changed, long OnlyLeft, long OnlyRight,
    IReadOnlyList<ColumnDiff> Columns, IReadOnlyList<RowDiff> Samples)
{
    /// <summary>Is the table equal in both versions, in shape and rows?</summary>
    public bool IsSame => Presence == "both" && Changed == 0 && OnlyLeft == 0 && OnlyRight == 0
        && Columns.All(c => c.Presence == "both");
}

/// <summary>What differs in one value column, over the keys both versions have.</summary>
/// <param name="Column">Its name.</param>
/// <param name="Type">Its type, as exports name it.</param>
/// <param name="Presence">"both", "only-left", "only-right"; a column of another type is both of the latter.</param>
/// <param name="Changed">Rows in which its value changed.</param>
/// <param name="Delta">
/// For numbers: right minus left over the rows in which it changed; null where there is none.
/// </param>
public sealed record ColumnDiff(string Column, string Type, string Presence, long Changed, NumberDelta? Delta);

/// <summary>Right minus left, where both are finite numbers. Durations count in ticks of 100 ns.</summary>
/// <param name="Count">How many rows.</param>
/// <param name="Minimum">The smallest.</param>
/// <param name="Maximum">The largest.</param>
/// <param name="Sum">Their sum; for whole and decimal numbers exact before it is rounded to a double.</param>
public sealed record NumberDelta(long Count, double Minimum, double Maximum, double Sum);

/// <summary>A row that differs; values as in the canonical export, under the names of their columns.</summary>
/// <param name="Change">"changed", "only-left" or "only-right".</param>
/// <param name="Key">The key columns.</param>
/// <param name="Left">The left version's value columns, or null.</param>
/// <param name="Right">The right version's value columns, or null.</param>
public sealed record RowDiff(string Change, JsonElement Key, JsonElement? Left, JsonElement? Right);
