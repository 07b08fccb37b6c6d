using System.Collections.Immutable;
using System.Numerics;
using Kappa.Streams.Runtime;

namespace Kappa.Streams.Aggregates;

/// <summary>
/// About how many different values there were, in little memory: HyperLogLog (Flajolet, Fusy, Gandouet, Meunier: <i>the
/// analysis of a near-optimal cardinality estimation algorithm</i>, 2007), read by the estimator of Ertl (<i>New
/// cardinality estimation algorithms for HyperLogLog sketches</i>, 2017), which needs no correction for small or large
/// counts. Values are hashed by their key bytes with XXH64, so equal values count once on each machine. It takes
/// 2^precision bytes, less while it holds few. Immutable.
/// </summary>
public sealed class DistinctSketch
{
    /// <summary>The coarsest: 16 registers, a standard error of 26 %.</summary>
    public const int PrecisionMin = 4;

    /// <summary>The finest: 65 536 registers, a standard error of 0.41 %.</summary>
    public const int PrecisionMax = 16;

    // A low-order part of the hash gives the rank: at most 61, so six bits hold it.
    private const int RankBits = 6;

    private readonly int _precision;

    // Few values: sorted pairs of register and rank in one number. Many: a byte for each register.
    private readonly ImmutableArray<int> _few;
    private readonly ImmutableArray<byte> _registers;

    internal DistinctSketch(int precision)
        : this(precision, [], [])
    {
    }

    private DistinctSketch(int precision, ImmutableArray<int> few, ImmutableArray<byte> registers)
    {
        _precision = precision;
        _few = few;
        _registers = registers;
    }

    /// <summary>The estimated number of different values.</summary>
    public long Count => (long)Math.Round(Estimate(), MidpointRounding.ToEven);

    private int Registers => 1 << _precision;

    private int FewMost => Registers >> 3;

    internal DistinctSketch Add<TValue>(TValue value) => AddHash(Hash64.Of(Columns<TValue>.KeyBytes(value)));

    internal DistinctSketch AddHash(ulong hash)
    {
        var register = (int)(hash >> (64 - _precision));
        var rest = hash << _precision;
        var rank = rest == 0 ? 64 - _precision + 1 : BitOperations.LeadingZeroCount(rest) + 1;
        return With(register, (byte)rank);
    }

    internal DistinctSketch Merge(DistinctSketch other)
    {
        var merged = this;
        foreach (var pair in other._few)
        {
            merged = merged.With(pair >> RankBits, (byte)(pair & ((1 << RankBits) - 1)));
        }

        if (other._registers.IsEmpty)
        {
            return merged;
        }

        var registers = merged.Dense().ToBuilder();
        for (var i = 0; i < registers.Count; i++)
        {
            registers[i] = Math.Max(registers[i], other._registers[i]);
        }

        return new DistinctSketch(_precision, [], registers.MoveToImmutable());
    }

    private DistinctSketch With(int register, byte rank)
    {
        if (!_registers.IsEmpty)
        {
            return _registers[register] >= rank
                ? this
                : new DistinctSketch(_precision, [], _registers.SetItem(register, rank));
        }

        var at = _few.BinarySearch(register << RankBits);
        at = at < 0 ? ~at : at;
        var pair = (register << RankBits) | rank;
        if (at < _few.Length && _few[at] >> RankBits == register)
        {
            return _few[at] >= pair ? this : new DistinctSketch(_precision, _few.SetItem(at, pair), []);
        }

        return _few.Length < FewMost
            ? new DistinctSketch(_precision, _few.Insert(at, pair), [])
            : new DistinctSketch(_precision, [], Dense().SetItem(register, rank));
    }

    private ImmutableArray<byte> Dense()
    {
        if (!_registers.IsEmpty)
        {
            return _registers;
        }

        var registers = new byte[Registers];
        foreach (var pair in _few)
        {
            registers[pair >> RankBits] = (byte)(pair & ((1 << RankBits) - 1));
        }

        return [.. registers];
    }

    /// <summary>Algorithm 6 of Ertl's paper, over how many registers have each rank.</summary>
    private double Estimate()
    {
        var longest = 64 - _precision;
        Span<int> having = stackalloc int[66];
        having.Clear();
        foreach (var rank in Dense())
        {
            having[rank]++;
        }

        double registers = Registers;
        var sum = registers * Tau(1 - (having[longest + 1] / registers));
        for (var rank = longest; rank >= 1; rank--)
        {
            sum = 0.5 * (sum + having[rank]);
        }

        sum += registers * Sigma(having[0] / registers);
        return registers * registers / (2 * Ln2 * sum);
    }

    // A constant, and not a call: what the machine's logarithm says in the last bit is no part of a result.
    private const double Ln2 = 0.69314718055994531;

    private static double Sigma(double x)
    {
        if (x >= 1)
        {
            return double.PositiveInfinity;
        }

        double y = 1, sum = x, last;
        do
        {
            x *= x;
            last = sum;
            sum += x * y;
            y += y;
        }
        while (sum != last);
        return sum;
    }

    private static double Tau(double x)
    {
        if (x is <= 0 or >= 1)
        {
            return 0;
        }

        double y = 1, sum = 1 - x, last;
        do
        {
            x = Math.Sqrt(x);
            last = sum;
            y *= 0.5;
            sum -= (1 - x) * (1 - x) * y;
        }
        while (sum != last);
        return sum / 3;
    }
}
