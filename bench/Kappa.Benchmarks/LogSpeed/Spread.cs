using System.Globalization;

namespace Kappa.Benchmarks.LogSpeed;

/// <summary>Some measurements of one thing.</summary>
internal sealed class Spread
{
    private readonly List<double> _values = [];

    public int Count => _values.Count;

    /// <summary>The one in the middle; of an even number of them the mean of the two.</summary>
    public double Median
    {
        get
        {
            var sorted = _values.Order().ToList();
            return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
        }
    }

    public double Lowest => _values.Min();

    public double Highest => _values.Max();

    public void Add(double value) => _values.Add(value);

    /// <summary>The value below which a share of them lies.</summary>
    public double At(double share)
    {
        var sorted = _values.Order().ToList();
        return sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * share))];
    }

    /// <summary>Median, lowest and highest.</summary>
    public string Text(string format) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Median.ToString(format, CultureInfo.InvariantCulture)} "
        + $"({Lowest.ToString(format, CultureInfo.InvariantCulture)}-"
        + $"{Highest.ToString(format, CultureInfo.InvariantCulture)})");
}
