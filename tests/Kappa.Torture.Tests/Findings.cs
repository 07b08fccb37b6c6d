using System.Collections.Concurrent;

namespace Kappa.Torture;

/// <summary>What is wrong.</summary>
internal enum Fault
{
    /// <summary>An acknowledged record is not in the log.</summary>
    Lost,

    /// <summary>A record is in the log twice, or was never sent, or a repeated request was not known.</summary>
    Duplicated,

    /// <summary>Records of one producer stand in another order than sent, or a key is in two partitions.</summary>
    Reordered,

    /// <summary>An answer was of a wrong version, mixed two, went back, or was an error of the server.</summary>
    Mixed,

    /// <summary>A table differs from a fresh run over the same log.</summary>
    Differing,
}

/// <summary>Counts faults and keeps a sentence for each of the first.</summary>
internal sealed class Findings
{
    private const int KeptMax = 50;
    private readonly ConcurrentQueue<string> _sentences = new();
    private readonly int[] _counts = new int[Enum.GetValues<Fault>().Length];

    public IEnumerable<string> Sentences => _sentences;

    public bool Any => _counts.Any(count => count > 0);

    public int Count(Fault fault) => _counts[(int)fault];

    public void Add(Fault fault, string sentence)
    {
        Interlocked.Increment(ref _counts[(int)fault]);
        if (_sentences.Count < KeptMax)
        {
            _sentences.Enqueue($"{fault.ToString().ToLowerInvariant()}: {sentence}");
        }
    }

    public override string ToString() => FormattableString.Invariant(
        $"lost {Count(Fault.Lost)} duplicated {Count(Fault.Duplicated)} reordered {Count(Fault.Reordered)}");

    /// <summary>What is wrong beyond the log.</summary>
    public string Beyond => FormattableString.Invariant(
        $"mixed {Count(Fault.Mixed)} differing {Count(Fault.Differing)}");
}
