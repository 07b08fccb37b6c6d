using Kappa.Tables;

namespace Kappa.Benchmarks;

/// <summary>
/// Adds up the rows of a replay, to be compared with a peer's: how many, and of their last values the sum and maximum.
/// </summary>
internal sealed class Totals
{
    private readonly TableSchema _schema;
    private readonly int _count;
    private readonly int _sum;
    private readonly int _max;
    private readonly Dictionary<string, (long Count, double Sum, double Max)> _rows = [];

    public Totals(TableSchema schema)
    {
        _schema = schema;
        var names = schema.Key.Concat(schema.Values).Select(column => column.Name).ToList();
        (_count, _sum, _max) = (names.IndexOf("count"), names.IndexOf("sum"), names.IndexOf("max"));
        if (_max < 0)
        {
            // A row for each result, with one number.
            _sum = _max = names.Count - 1;
        }
    }

    public long Rows => _rows.Count;

    public long Count => _rows.Values.Sum(row => row.Count);

    public double Sum => _rows.Values.Sum(row => row.Sum);

    public double Max => _rows.Values.Max(row => row.Max);

    public void Add(TableChanges changes)
    {
        for (var i = 0; i < changes.Count; i++)
        {
            if (changes[i].Table != 0)
            {
                continue;
            }

            var key = Convert.ToBase64String(changes[i].Key.Span);
            if (changes[i].Row is not { } row)
            {
                _rows.Remove(key);
                continue;
            }

            var values = RowReader.ReadAll(_schema, new TableRow(changes[i].Key, row));
            _rows[key] = (_count < 0 ? 1 : (long)values[_count]!, (double)values[_sum]!, (double)values[_max]!);
        }
    }

    public bool Agrees(Duck.Answer answer) =>
        FormattableString.Invariant($"{Rows} {Count}") == $"{answer.N} {answer.C}"
        && Math.Abs(Sum - answer.S) <= 1e-9 * Math.Abs(answer.S) && Max == answer.M;
}
