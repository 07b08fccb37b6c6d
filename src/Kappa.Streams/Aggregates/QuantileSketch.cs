using System.Collections.Immutable;

namespace Kappa.Streams.Aggregates;

/// <summary>
/// How numbers are distributed, in little memory and with a known relative error: DDSketch (Masson, Rim, Lee:
/// <i>DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees</i>, 2019). Each octave of
/// numbers is cut into bins of equal width, which needs no logarithm and so is the same on each machine; a bin's upper
/// end is at most (1 + e) / (1 − e) of its lower one, e being the relative error. Bins are never joined, so the memory
/// is that of the bins in use. Immutable.
/// </summary>
public sealed class QuantileSketch
{
    /// <summary>The least relative error that may be asked for.</summary>
    public const double ErrorMin = 0.001;

    /// <summary>The greatest relative error that may be asked for.</summary>
    public const double ErrorMax = 0.5;

    private const int MantissaBits = 52;
    private const int LeastExponent = -1022;

    private readonly int _binsPerOctave;

    // Key: 0 for zero, else the number of the bin from 1 on, negative for negative numbers: in order of the numbers.
    private readonly ImmutableSortedDictionary<int, long> _bins;
    private readonly long _count;
    private readonly double _least;
    private readonly double _greatest;

    internal QuantileSketch(double relativeError)
        : this(
            (int)Math.Ceiling((1 - relativeError) / (2 * relativeError)), ImmutableSortedDictionary<int, long>.Empty,
            0, 0, 0)
    {
    }

    private QuantileSketch(
        int binsPerOctave, ImmutableSortedDictionary<int, long> bins, long count, double least, double greatest)
    {
        _binsPerOctave = binsPerOctave;
        _bins = bins;
        _count = count;
        _least = least;
        _greatest = greatest;
    }

    /// <summary>How many numbers are in it.</summary>
    public long Count => _count;

    /// <summary>
    /// The number at rank ⌊1 + q (count − 1)⌋, off by at most the relative error; NaN where there is none.
    /// </summary>
    /// <param name="q">The quantile, 0 to 1: 0.5 for the median.</param>
    public double At(double q)
    {
        if (_count == 0)
        {
            return double.NaN;
        }

        var left = (long)Math.Floor(1 + (q * (_count - 1)));
        var value = 0.0;
        foreach (var (bin, count) in _bins)
        {
            value = Middle(bin);
            left -= count;
            if (left <= 0)
            {
                break;
            }
        }

        return Math.Clamp(value, _least, _greatest);
    }

    internal QuantileSketch Add(double value)
    {
        if (!double.IsFinite(value))
        {
            throw new InvalidOperationException($"{value} has no place among numbers.");
        }

        var bin = BinOf(value);
        return new QuantileSketch(
            _binsPerOctave, _bins.SetItem(bin, _bins.GetValueOrDefault(bin) + 1), _count + 1,
            _count == 0 ? value : Math.Min(_least, value), _count == 0 ? value : Math.Max(_greatest, value));
    }

    internal QuantileSketch Merge(QuantileSketch other)
    {
        if (_count == 0 || other._count == 0)
        {
            return _count == 0 ? other : this;
        }

        var bins = _bins.ToBuilder();
        foreach (var (bin, count) in other._bins)
        {
            bins[bin] = bins.GetValueOrDefault(bin) + count;
        }

        return new QuantileSketch(
            _binsPerOctave, bins.ToImmutable(), _count + other._count,
            Math.Min(_least, other._least), Math.Max(_greatest, other._greatest));
    }

    /// <summary>Numbers too small to be exact (below 2^−1022) count as zero.</summary>
    private int BinOf(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)((bits >> MantissaBits) & 0x7FF);
        if (exponent == 0)
        {
            return 0;
        }

        var mantissa = bits & ((1L << MantissaBits) - 1);
        var bin = ((exponent - 1) * _binsPerOctave) + (int)((mantissa * _binsPerOctave) >> MantissaBits) + 1;
        return value < 0 ? -bin : bin;
    }

    /// <summary>The number of which both ends of a bin are off by the same part.</summary>
    private double Middle(int bin)
    {
        if (bin == 0)
        {
            return 0;
        }

        var number = Math.Abs(bin) - 1;
        var low = 1 + (number % _binsPerOctave / (double)_binsPerOctave);
        var high = 1 + (((number % _binsPerOctave) + 1) / (double)_binsPerOctave);
        var middle = Math.ScaleB(2 * low * high / (low + high), (number / _binsPerOctave) + LeastExponent);
        return bin < 0 ? -middle : middle;
    }
}
