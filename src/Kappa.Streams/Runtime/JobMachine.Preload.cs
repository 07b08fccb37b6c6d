using Kappa.Log;

namespace Kappa.Streams.Runtime;

/// <content>What is read before everything else (rule O3).</content>
internal sealed partial class JobMachine
{
    /// <summary>
    /// Up to where each preloaded topic is read before the first step, a setting of the version; empty where there is
    /// none.
    /// </summary>
    public IReadOnlyDictionary<string, Place> Preloads { get; init; } = new Dictionary<string, Place>();

    /// <summary>The sources that are read first; the steps pass over what <see cref="Preload"/> took.</summary>
    public IReadOnlyList<SourceSegment> Preloaded => _preloaded;

    /// <summary>
    /// Takes batches of the preloaded topics up to their places, before the first step; others are passed over. A
    /// machine that loads a state has them in it.
    /// </summary>
    public void Preload(IEnumerable<RecordBatch> batches)
    {
        var wanted = batches.Where(batch => _preloaded.Any(
            source => source.Topic == batch.Topic && batch.LastPlace <= PreloadedTo(source))).ToList();
        if (wanted.Count == 0)
        {
            return;
        }

        BeginStep(wanted);
        foreach (var source in _preloaded)
        {
            Run(source, Place.Start);
        }

        EndStep();
    }

    private Place PreloadedTo(SourceSegment source) =>
        _preloaded.Contains(source) && Preloads.TryGetValue(source.Topic, out var place) ? place : Place.Start;
}
