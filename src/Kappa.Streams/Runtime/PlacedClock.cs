using Kappa.Log;

namespace Kappa.Streams.Runtime;

/// <summary>A record of the clock topic at its place in a step.</summary>
internal readonly record struct PlacedClock(int Place, ClockRecord Record)
{
    /// <summary>The log was opened, or time leapt (rule L5).</summary>
    public bool Opens => Record.Kind == ClockKind.Opened;

    /// <summary>Does it complete a topic (rule L6)?</summary>
    public bool Completes(string topic) => Record.Kind == ClockKind.Complete && Record.Topic == topic;

    /// <summary>Reads the clock records of a step.</summary>
    public static void Read(IReadOnlyList<PlacedBatch> step, List<PlacedClock> into)
    {
        into.Clear();
        for (var i = 0; i < step.Count; i++)
        {
            var (batch, first) = step[i];
            if (batch.Topic != Names.Clock)
            {
                continue;
            }

            var place = first;
            foreach (var record in batch)
            {
                into.Add(new PlacedClock(place++, ClockRecord.Parse(record.Value)));
            }
        }
    }
}
