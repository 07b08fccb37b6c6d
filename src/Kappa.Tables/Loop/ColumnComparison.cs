using System.Numerics;

namespace Kappa.Tables.Loop;

/// <summary>Counts in how many rows one value column changed, and by how much where it is a number.</summary>
internal sealed class ColumnComparison
{
    private readonly Column _column;
    private readonly int _left;
    private readonly int _right;
    private long _changed;
    private long _numbers;
    private double _minimum = double.PositiveInfinity;
    private double _maximum = double.NegativeInfinity;
    private double _sum;
    private BigInteger _exactSum;

    private ColumnComparison(Column column, int left, int right)
    {
        _column = column;
        _left = left;
        _right = right;
    }

    private bool InBoth => _left >= 0 && _right >= 0;

    /// <summary>The columns of both sides, matched by name and type, in the left order, then the right one.</summary>
    public static List<ColumnComparison> Of(IReadOnlyList<Column> left, IReadOnlyList<Column> right)
    {
        var ones = left.Select((c, i) => new ColumnComparison(c, i, right.ToList().IndexOf(c)));
        var others = right.Select((c, i) => new ColumnComparison(c, -1, i)).Where(c => !left.Contains(c._column));
        return [.. ones, .. others];
    }

    /// <summary>Compares the columns both rows have; did any change?</summary>
    public static bool Take(
        List<ColumnComparison> columns, TableSchema left, ReadOnlySpan<byte> leftRow, TableSchema right,
        ReadOnlySpan<byte> rightRow)
    {
        Span<int> leftEnds = stackalloc int[left.Values.Count];
        Span<int> rightEnds = stackalloc int[right.Values.Count];
        RowReader.Ends(left, leftRow, leftEnds);
        RowReader.Ends(right, rightRow, rightEnds);
        var changed = false;
        foreach (var column in columns)
        {
            if (column.InBoth)
            {
                var one = Slice(leftRow, leftEnds, column._left);
                var other = Slice(rightRow, rightEnds, column._right);
                changed |= column.Take(one, other);
            }
        }

        return changed;
    }

    public ColumnDiff Result()
    {
        var presence = InBoth ? "both" : _left >= 0 ? "only-left" : "only-right";
        var delta = _numbers == 0 ? null : new NumberDelta(
            _numbers, Finite(_minimum), Finite(_maximum),
            Finite(_column.Type == ColumnType.Double ? _sum : Scaled(_exactSum)));
        return new ColumnDiff(_column.Name, CanonicalRow.NameOf(_column.Type), presence, _changed, delta);
    }

    private bool Take(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.SequenceEqual(right))
        {
            return false;
        }

        _changed++;
        if (_column.Type is not (ColumnType.Integer or ColumnType.Double or ColumnType.Decimal or ColumnType.Duration))
        {
            return true;
        }

        var (one, other) = (RowReader.ReadOne(_column.Type, left), RowReader.ReadOne(_column.Type, right));
        if (one is double x && other is double y)
        {
            if (double.IsFinite(x) && double.IsFinite(y))
            {
                Count(y - x);
            }
        }
        else if (one is not null && other is not null)
        {
            var delta = Exact(other) - Exact(one);
            _exactSum += delta;
            Count(Scaled(delta));
        }

        return true;
    }

    private void Count(double delta)
    {
        _numbers++;
        _sum += delta;
        _minimum = Math.Min(_minimum, delta);
        _maximum = Math.Max(_maximum, delta);
    }

    /// <summary>Times 10^28: whole, whatever the decimal's scale.</summary>
    private static BigInteger Exact(object value)
    {
        if (value is not decimal number)
        {
            return (value is TimeSpan length ? length.Ticks : (long)value) * BigInteger.Pow(10, 28);
        }

        Span<int> parts = stackalloc int[4];
        decimal.GetBits(number, parts);
        var magnitude = (new BigInteger((uint)parts[2]) << 64) + (new BigInteger((uint)parts[1]) << 32)
            + (uint)parts[0];
        return (parts[3] < 0 ? -magnitude : magnitude) * BigInteger.Pow(10, 28 - number.Scale);
    }

    /// <summary>
    /// Divides by 10^28 and rounds to the nearest double, through the decimal text, which rounds once.
    /// </summary>
    private static double Scaled(BigInteger value) => double.Parse(
        value.ToString(System.Globalization.CultureInfo.InvariantCulture) + "E-28",
        System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>JSON knows no infinities: a difference beyond the largest double is shown as that.</summary>
    private static double Finite(double value) => Math.Clamp(value, double.MinValue, double.MaxValue);

    private static ReadOnlySpan<byte> Slice(ReadOnlySpan<byte> row, ReadOnlySpan<int> ends, int column) =>
        row[(column == 0 ? 0 : ends[column - 1])..ends[column]];
}
