namespace Kappa.Log.Erasures;

/// <summary>A set of offsets that rise, as runs: neighbours cost nothing.</summary>
internal sealed class OffsetRanges
{
    private readonly List<(long First, long Count)> _runs = [];

    /// <summary>The runs, in order and with room between them.</summary>
    public IReadOnlyList<(long First, long Count)> Runs => _runs;

    /// <summary>How many offsets it has.</summary>
    public long Count { get; private set; }

    /// <summary>Adds offsets behind all there are.</summary>
    /// <exception cref="FormatException">They do not come behind, or there are none.</exception>
    public void Add(long first, long count = 1)
    {
        var end = _runs.Count == 0 ? 0 : _runs[^1].First + _runs[^1].Count;
        if (first < end || count < 1)
        {
            throw new FormatException($"{count} offsets from {first} do not follow {end}");
        }

        if (_runs.Count > 0 && first == end)
        {
            _runs[^1] = (_runs[^1].First, _runs[^1].Count + count);
        }
        else
        {
            _runs.Add((first, count));
        }

        Count += count;
    }

    public bool Contains(long offset)
    {
        var (low, high) = (0, _runs.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_runs[middle].First + _runs[middle].Count <= offset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low < _runs.Count && _runs[low].First <= offset;
    }
}
