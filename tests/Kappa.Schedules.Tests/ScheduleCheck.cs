using System.Globalization;
using Kappa.Streams;
using Kappa.Streams.Tests;
using Kappa.Testing;

namespace Kappa.Schedules;

/// <summary>
/// Promise P2 for the golden jobs: each runs over the same records straight and in random schedules, which must end in
/// the same tables. Several schedules share one sequence and its straight run.
/// </summary>
internal sealed class ScheduleCheck(ScheduleOptions options, Action<string> say)
{
    private const int SchedulesOfSequence = 4;

    private readonly IReadOnlyList<Job> _jobs =
        [.. GoldenJobs.All.Where(job => options.Job is null || job.Name == options.Job)];
    private int _mismatches;
    private long _rows;

    public int Mismatches => _mismatches;

    /// <summary>How many rows were compared.</summary>
    public long Rows => _rows;

    public string LastLine => string.Create(
        CultureInfo.InvariantCulture, $"schedules {options.Count} mismatches {_mismatches}");

    public void Run()
    {
        var ofRound = _jobs.Count * SchedulesOfSequence;
        for (var first = 0; first < options.Count; first += ofRound)
        {
            var seed = options.Seed + (first / ofRound);
            var (plain, withRows) = (SequenceOf(seed, rows: false), SequenceOf(seed, rows: true));
            var schedules = Enumerable.Range(first, Math.Min(ofRound, options.Count - first))
                .GroupBy(number => _jobs[number % _jobs.Count]).ToList();
            Parallel.ForEach(
                schedules, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
                ofJob => Run(
                    ofJob.Key, ofJob.Key.Build().Topics.Contains("rows") ? withRows : plain, seed, ofJob));
        }
    }

    private Sequence SequenceOf(int seed, bool rows) => Sequence.Random(
        seed, options.Records, partitions: 1 + (seed % 3), complete: seed % 2 == 0, devices: 5 + (seed % 3),
        rows: rows);

    /// <summary>The first row that differs, or what stopped the schedule; null for none.</summary>
    private string? Difference(MemoryTables expected, Job job, Sequence sequence, Schedule schedule)
    {
        try
        {
            var found = schedule.Run(job, sequence.Batches, sequence.Preloads);
            Interlocked.Add(ref _rows, found.RowCount);
            return expected.FirstDifference(found) is { } difference
                ? $"{difference.Table.Name} {difference.KeyText}\n- {difference.LeftText}\n+ {difference.RightText}"
                : null;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return error.ToString();
        }
    }

    private void Run(Job job, Sequence sequence, int seed, IEnumerable<int> numbers)
    {
        var expected = Schedule.Plain.Run(job, sequence.Batches, sequence.Preloads);
        foreach (var number in numbers)
        {
            var schedule = Schedule.Random(options.Seed + number);
            schedule = options.Plant?.Into(schedule) ?? schedule;
            if (Difference(expected, job, sequence, schedule) is { } difference)
            {
                Interlocked.Increment(ref _mismatches);
                say($"{job.Name} over sequence {seed}, {schedule}: {difference}");
            }
        }
    }
}
