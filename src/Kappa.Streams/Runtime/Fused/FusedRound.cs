namespace Kappa.Streams.Runtime.Fused;

/// <summary>
/// Some consecutive batches of a step, staged together by several workers: few enough to stay in the cache until they
/// are folded, many enough to be worth a wait for each other.
/// </summary>
internal sealed class FusedRound<T, TKey, TRecords, TTime, TChain>(
    Func<FusedBatch<T, TKey, TRecords, TTime, TChain>> newBatch)
    where TKey : notnull
    where TRecords : struct, IRecords<T>
    where TTime : struct, IFunction<T, DateTimeOffset>
    where TChain : struct, IChain<T, TKey>
{
    private readonly List<FusedBatch<T, TKey, TRecords, TTime, TChain>> _staged = [];

    /// <summary>Its first batch, counted in the step.</summary>
    public int From { get; private set; }

    /// <summary>Behind its last batch.</summary>
    public int To { get; private set; }

    /// <summary>How many records there are in it.</summary>
    public int Records { get; private set; }

    /// <summary>A batch as it was staged.</summary>
    public FusedBatch<T, TKey, TRecords, TTime, TChain> this[int batch] => _staged[batch - From];

    /// <summary>Takes batches from one on, of about so many records; none behind the last.</summary>
    public void Begin(IReadOnlyList<PlacedBatch> batches, int from, int records)
    {
        (From, To, Records) = (from, from, 0);
        for (; To < batches.Count && Records < records; To++)
        {
            Records += batches[To].Batch.Count;
            if (_staged.Count <= To - From)
            {
                _staged.Add(newBatch());
            }
        }
    }
}
