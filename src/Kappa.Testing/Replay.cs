using Kappa.Log;
using Kappa.Streams;

namespace Kappa.Testing;

/// <summary>Checks that a job gives the same tables however it is run (promise P2).</summary>
public static class Replay
{
    /// <summary>
    /// Runs a job over the same records again and again: once straight, once again straight, once in a single step,
    /// once with its state saved and loaded after every record, and in random schedules of step sizes, 1 to 8 workers,
    /// restarts, and bounds of state in memory. All must end in the same rows, late and dead records included. What the
    /// job preloads it reads up to the last record, as a version deployed behind it would (rule O3).
    /// </summary>
    /// <param name="job">The job.</param>
    /// <param name="records">The records, in order; a few hundred find most faults.</param>
    /// <param name="schedules">How many random schedules there are, 0 or more; default 16.</param>
    /// <param name="seed">The seed of the first of them; the others follow. Default 1.</param>
    /// <param name="complete">Are the topics completed at the end, so that every window closes? Default true.</param>
    /// <returns>How many rows were compared in each run.</returns>
    /// <exception cref="ReplayException">A row differs: the first by table and key.</exception>
    /// <exception cref="KappaException">The job's definition is wrong, or too many records failed.</exception>
    public static long Check(
        Job job, IEnumerable<TestRecord> records, int schedules = 16, int seed = 1, bool complete = true)
    {
        var batches = BatchesOf(job, records, complete);
        var end = batches.Count > 0 ? batches[^1].LastPlace : Place.Start;
        var expected = Schedule.Straight.Run(job, batches, end);
        foreach (var schedule in new[] { Schedule.Straight, Schedule.Leap, Schedule.EachBatch }
            .Concat(Enumerable.Range(seed, schedules).Select(Schedule.Random)))
        {
            if (expected.FirstDifference(schedule.Run(job, batches, end)) is { } difference)
            {
                throw new ReplayException(job.Name, difference, schedule.Seed, schedule.ToString());
            }
        }

        return expected.RowCount;
    }

    private static IReadOnlyList<RecordBatch> BatchesOf(Job job, IEnumerable<TestRecord> records, bool complete)
    {
        using var culture = new NeutralCulture();
        var log = new MemoryLog();
        var topology = job.Build();
        var eventTimes = EventTimes.Of(topology);
        foreach (var topic in topology.Topics)
        {
            log.Create(topic);
        }

        foreach (var record in records)
        {
            TestRun.AddTo(log, record, eventTimes);
        }

        foreach (var topic in complete ? topology.Topics : [])
        {
            log.Complete(topic);
        }

        return [.. log.Batches.Where(batch => topology.Topics.Contains(batch.Topic) || batch.Topic == Names.Clock)];
    }
}
