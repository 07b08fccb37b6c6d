using Kappa.Tables;

namespace Kappa.Benchmarks;

/// <summary>Adds up the rows of a replay, to be compared with a peer's.</summary>
internal sealed class Totals(TableSchema schema)
{
    private readonly Dictionary<string, (long Count, double Sum, double Max)> _rows = [];

    public long Rows => _rows.Count;

    public long Count => _rows.Values.Sum(row => row.Count);

    public double Sum => _rows.Values.Sum(row => row.Sum);

    public double Max => _rows.Values.Max(row => row.Max);

    public void Add(TableChanges changes)
    {
        for (var i = 0; i < changes.Count; i++)
        {
            if (changes[i].Table == 0)
            {
                var values = RowReader.ReadAll(schema, new TableRow(changes[i].Key, changes[i].Row!.Value));
                var at = values.Length - 4;
                _rows[Convert.ToBase64String(changes[i].Key.Span)] =
                    ((long)values[at]!, (double)values[at + 1]!, (double)values[at + 2]!);
            }
        }
    }

    public bool Agrees(Duck.Answer answer) =>
        FormattableString.Invariant($"{Rows} {Count}") == $"{answer.N} {answer.C}"
        && Math.Abs(Sum - answer.S) <= 1e-9 * Math.Abs(answer.S) && Max == answer.M;
}
