namespace Kappa.Streams.Runtime;

/// <content>What the job says to the world (rule E1).</content>
internal sealed partial class JobMachine
{
    private readonly Dictionary<string, MomentOutputs[]> _outputs = [];

    /// <summary>How many bytes were said and not collected yet.</summary>
    public long OutputBytesPending => _outputs.Values.Sum(workers => workers.Sum(worker => worker.Bytes));

    public MomentOutputs OutputOf(string output, int worker)
    {
        if (!_outputs.TryGetValue(output, out var workers))
        {
            _outputs.Add(output, workers = [.. Enumerable.Range(0, Workers).Select(_ => new MomentOutputs())]);
        }

        return workers[worker];
    }

    /// <summary>Takes what an output has said since the last call, in order.</summary>
    public List<OutputRecord> CollectOutput(string output) =>
        _outputs.TryGetValue(output, out var workers) ? MomentOutputs.Collect(workers) : [];
}
