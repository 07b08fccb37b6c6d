using System.Diagnostics;
using Kappa.Log;
using Kappa.Streams;
using Kappa.Streams.Runtime;
using Kappa.Tables;

namespace Kappa.Benchmarks;

/// <summary>
/// Replays a job from the first record to the last, as a version that is reprocessed does: batches out of the embedded
/// log with their checksums verified, steps, rows collected every second, state files by bytes of log.
/// </summary>
internal sealed class Replay(ILog log, string folder)
{
    public static readonly JobVersion Version = new("bench", 1);

    private const long SteadyAfter = 1_000_000;

    public int Workers { get; init; } = 1;

    public bool IsFused { get; init; } = true;

    /// <summary>Out of projections, where there are any.</summary>
    public bool IsTyped { get; init; }

    public int StepRecords { get; init; } = 16_384;

    /// <summary>Takes every row; null only counts them.</summary>
    public Action<TableChanges>? Sink { get; init; }

    public long StateEveryBytes { get; init; } = 64L << 20;

    public sealed record Result(
        double Seconds, long Records, long Rows, int StateFiles, double BytesPerEvent, long Late);

    public async Task<Result> RunAsync(Job job)
    {
        var topology = job.Build();
        var machine = new JobMachine(topology, Workers, IsFused);
        var changes = new TableChanges();
        var states = new StateFiles(DiskFileSystem.ForThisPlatform(), Path.Combine(folder, "state"), "bench");
        long records = 0, rows = 0, bytes = 0;
        var written = 0;
        long allocatedBefore = 0, recordsBefore = 0;
        var watch = Stopwatch.StartNew();
        var committed = watch.Elapsed;
        await using var sequence = log.Read(
            topology.Topics, Place.Start, IsTyped ? topology.Project().All : []);
        var reader = new StepReader(sequence, Version, StepRecords);
        var place = Place.Start;
        while (reader.TryRead(place, null))
        {
            machine.Step(reader.Batches, reader.Ahead);
            place = reader.Place;
            foreach (var batch in reader.Batches)
            {
                bytes += batch.EncodedRecords.Length;
                records += batch.Count;
            }

            if (recordsBefore == 0 && records >= SteadyAfter)
            {
                // What begins with the run is not part of what an event costs.
                (allocatedBefore, recordsBefore) = (GC.GetTotalAllocatedBytes(), records);
            }

            if (watch.Elapsed - committed >= TimeSpan.FromSeconds(1))
            {
                rows += Take(machine, changes, withOpen: false);
                committed = watch.Elapsed;
                if (bytes >= StateEveryBytes)
                {
                    states.Write(place, machine.Save);
                    bytes = 0;
                    written++;
                }
            }
        }

        var perEvent = (GC.GetTotalAllocatedBytes() - allocatedBefore) / (double)(records - recordsBefore);
        rows += Take(machine, changes, withOpen: true);
        return new Result(watch.Elapsed.TotalSeconds, records, rows, written, perEvent, machine.LateCount);
    }

    /// <summary>Reads without a job: what the log alone takes.</summary>
    public async Task ReadOnlyAsync(Job job)
    {
        var watch = Stopwatch.StartNew();
        await using var sequence = log.Read(job.Build().Topics, Place.Start);
        var reader = new StepReader(sequence, Version, StepRecords);
        var place = Place.Start;
        long records = 0;
        var used = Process.GetCurrentProcess().TotalProcessorTime;
        while (reader.TryRead(place, null))
        {
            place = reader.Place;
            foreach (var batch in reader.Batches)
            {
                records += batch.Count;
            }
        }

        var cpu = (Process.GetCurrentProcess().TotalProcessorTime - used).TotalSeconds;
        Console.WriteLine(
            $"cpu {records / cpu / 1e6:F1} read {records / watch.Elapsed.TotalSeconds / 1e6:F1} M ev/s");
    }

    private long Take(JobMachine machine, TableChanges changes, bool withOpen)
    {
        machine.Collect(changes, withOpen);
        Sink?.Invoke(changes);
        var count = changes.Count;
        changes.Clear();
        return count;
    }
}
