using System.Diagnostics;
using System.Globalization;
using Kappa.Streams;
using Kappa.Streams.Tests;
using Kappa.Testing;

namespace Kappa.Schedules;

/// <summary>
/// Promise P2 for the golden jobs: each runs over the same records straight and in random schedules, which must end in
/// the same tables. Several schedules share one sequence and its straight run; schedules are numbered in the order in
/// which they run, so that a run may go on where another was stopped.
/// </summary>
internal sealed class ScheduleCheck(ScheduleOptions options, Action<string> say, Action<string>? progress = null)
{
    private const int SchedulesOfSequence = 4;

    private readonly IReadOnlyList<Job> _jobs =
        [.. GoldenJobs.All.Where(job => options.Job is null || job.Name == options.Job)];
    private readonly Lock _lock = new();
    private readonly SortedSet<int> _done = [];
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private int _mismatches;
    private long _rows;
    private int _next = options.From;
    private int _count;

    public int Mismatches => _mismatches;

    /// <summary>How many rows were compared.</summary>
    public long Rows => _rows;

    public string LastLine => string.Create(
        CultureInfo.InvariantCulture,
        $"schedules {Math.Max(0, options.Count - options.From + 1)} mismatches {_mismatches}");

    public void Run()
    {
        var ofRound = _jobs.Count * SchedulesOfSequence;
        var threads = new ParallelOptions
        {
            MaxDegreeOfParallelism = options.Threads == 0 ? Environment.ProcessorCount : options.Threads,
        };
        for (var first = 0; first < options.Count; first += ofRound)
        {
            var order = 1 + first;
            var ofJobs = Enumerable.Range(first, Math.Min(ofRound, options.Count - first))
                .GroupBy(number => _jobs[number % _jobs.Count])
                .Select(ofJob => new Share(
                    ofJob.Key, [.. ofJob.Select(number => new Numbered(order++, options.Seed + number))]))
                .Select(share => share with { Schedules = [.. share.Schedules.Where(IsToRun)] })
                .Where(share => share.Schedules.Count > 0).ToList();
            if (ofJobs.Count > 0)
            {
                Run(options.Seed + (first / ofRound), ofJobs, threads);
            }
        }
    }

    private bool IsToRun(Numbered schedule) => schedule.Order >= options.From;

    private void Run(int seed, List<Share> ofJobs, ParallelOptions threads)
    {
        var plain = new Lazy<Sequence>(() => SequenceOf(seed, rows: false));
        var withRows = new Lazy<Sequence>(() => SequenceOf(seed, rows: true));

        // One share at a time goes to whoever is free, in order: what is done has few gaps.
        Parallel.ForEach(
            System.Collections.Concurrent.Partitioner.Create(
                ofJobs, System.Collections.Concurrent.EnumerablePartitionerOptions.NoBuffering),
            threads,
            share => Run(
                share, share.Job.Build().Topics.Contains("rows") ? withRows.Value : plain.Value, seed));
    }

    /// <summary>
    /// In every fourth the log's clock nearly stands: nothing becomes quiet, much is open. Not in long ones, where keys
    /// would hold so much that spilling one takes longer than all else.
    /// </summary>
    private Sequence SequenceOf(int seed, bool rows) => Sequence.Random(
        seed, options.Records, partitions: 1 + (seed % 3), complete: seed % 2 == 0, devices: 5 + (seed % 3),
        rows: rows, paced: seed % 4 != 1 || options.Records > 100_000);

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

    private void Run(Share share, Sequence sequence, int seed)
    {
        var expected = Straight(share, sequence, seed);
        foreach (var (order, chances) in share.Schedules)
        {
            var watch = Stopwatch.StartNew();
            var schedule = Schedule.Random(chances);
            schedule = options.Plant?.Into(schedule) ?? schedule;
            if (expected is null)
            {
                Interlocked.Increment(ref _mismatches);
            }
            else if (Difference(expected, share.Job, sequence, schedule) is { } difference)
            {
                Interlocked.Increment(ref _mismatches);
                say($"{share.Job.Name} over sequence {seed}, {schedule}: {difference}");
            }

            Done(order, $"{share.Job.Name} over sequence {seed}, {schedule}", watch.Elapsed);
        }
    }

    /// <summary>The tables of the run that schedules are compared with; null where it failed.</summary>
    private MemoryTables? Straight(Share share, Sequence sequence, int seed)
    {
        try
        {
            return Schedule.Plain.Run(share.Job, sequence.Batches, sequence.Preloads);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            say($"{share.Job.Name} over sequence {seed}, straight: {error}");
            return null;
        }
    }

    private void Done(int order, string what, TimeSpan took)
    {
        lock (_lock)
        {
            _done.Add(order);
            while (_done.Remove(_next))
            {
                _next++;
            }

            _count++;
            progress?.Invoke(string.Create(
                CultureInfo.InvariantCulture,
                $"{order} of {options.Count}: {took.TotalSeconds:0.0} s, {what}; ")
                + string.Create(
                    CultureInfo.InvariantCulture,
                    $"{_watch.Elapsed.TotalSeconds / _count:0.0} s each, mismatches {_mismatches}, to go on: ")
                + string.Create(CultureInfo.InvariantCulture, $"--from {_next}"));
        }
    }

    /// <summary>A schedule: its place in the order of running, from 1, and the seed of its chances.</summary>
    private readonly record struct Numbered(int Order, int Seed);

    /// <summary>The schedules of a job over one sequence.</summary>
    private sealed record Share(Job Job, List<Numbered> Schedules);
}
