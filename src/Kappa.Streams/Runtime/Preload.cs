using Kappa.Log;
using Kappa.Tables.Loop;

namespace Kappa.Streams.Runtime;

/// <summary>Reads the topics that look-ups preload, each up to its place, into a machine (rule O3).</summary>
internal sealed class Preload
{
    private readonly IReadOnlyList<string> _topics;
    private readonly Place _upTo;
    private readonly int _recordsMax;

    /// <exception cref="KappaException">The version has no place for one of the topics.</exception>
    public Preload(VersionMade made, IReadOnlyList<string> topics, int recordsMax)
    {
        var places = made.Preloads;
        if (topics.FirstOrDefault(topic => !places.ContainsKey(topic)) is { } missing)
        {
            throw new KappaException(
                ErrorKind.Conflict,
                $"{made.Version} preloads topic '{missing}', but up to which place was not recorded with it.",
                "Deploy the job again.");
        }

        _topics = topics;
        _upTo = topics.Max(topic => places[topic]);
        _recordsMax = recordsMax;
    }

    /// <summary>Reads and gives, a step at a time.</summary>
    public async Task RunAsync(ISequence sequence, JobMachine machine, CancellationToken cancel)
    {
        var step = new List<RecordBatch>();
        var records = 0;
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            var complete = sequence.CompleteTo;
            var took = sequence.TryRead(out var batch);
            if (took && batch!.LastPlace <= _upTo && _topics.Contains(batch.Topic))
            {
                step.Add(batch);
                records += batch.Count;
            }

            var isDone = took ? batch!.LastPlace > _upTo : complete >= _upTo;
            if (isDone || records >= _recordsMax)
            {
                machine.Preload(step);
                step.Clear();
                records = 0;
            }

            if (isDone)
            {
                return;
            }

            if (!took)
            {
                await sequence.WaitAsync(cancel);
            }
        }
    }
}
