using System.Globalization;
using Kappa.Log;
using Kappa.Streams;
using Kappa.Streams.Runtime;

namespace Kappa.Testing;

/// <summary>
/// A way to run a job over a sequence that must leave no trace (promise P2): how many batches a step takes, how many
/// workers there are, and when state is saved and loaded into a new machine with other workers.
/// </summary>
/// <param name="Seed">What its chances come from.</param>
/// <param name="Workers">Workers at the start, 1 to 8.</param>
/// <param name="BatchesMax">Most batches of a step.</param>
/// <param name="RestartEvery">A restart after every so many steps on average; 0: never, 1: after every step.</param>
internal sealed record Schedule(int Seed, int Workers, int BatchesMax, int RestartEvery)
{
    private const int WorkersMax = 8;

    /// <summary>Restarts take much longer than steps, so a long sequence has no more than about so many.</summary>
    private const int RestartsMax = 48;

    /// <summary>One worker, a step for each batch, no restart: what the others are compared with.</summary>
    public static Schedule Straight => new(0, 1, 1, 0);

    /// <summary>The same in larger steps, which take less time.</summary>
    public static Schedule Plain => new(0, 1, 64, 0);

    /// <summary>State is saved and loaded behind every batch.</summary>
    public static Schedule EachBatch => new(0, 1, 1, 1);

    /// <summary>Everything in a single step.</summary>
    public static Schedule Leap => new(0, 3, int.MaxValue, 0);

    /// <summary>How a machine takes the state of the one before; tests plant a fault here.</summary>
    public Action<JobMachine, ReadOnlyMemory<byte>> Reload { get; init; } =
        (machine, state) => machine.Load(new StateReader(state));

    /// <summary>
    /// About so many bytes of state may be in memory at a time, the rest is in scratch files; null: no bound.
    /// </summary>
    public long? StateMemory { get; init; }

    /// <summary>
    /// Rows that are not final are written at the end only, as while a version reprocesses (rule C3).
    /// </summary>
    public bool IsBulk { get; init; }

    /// <summary>The disk of the scratch files; tests plant a fault here.</summary>
    public Func<IFileSystem> Files { get; init; } = () => new MemoryFiles();

    /// <summary>What a machine gets of a step; tests plant a fault here.</summary>
    public Func<List<RecordBatch>, List<RecordBatch>> Cut { get; init; } = step => step;

    public static Schedule Random(int seed)
    {
        var random = new Random(seed);
        var largest = 1 << random.Next(0, 12);
        return new Schedule(
            seed, random.Next(1, WorkersMax + 1), random.Next(1, largest + 1),
            random.Next(3) == 0 ? 0 : random.Next(2, 12))
        {
            // Everything spilled behind every small step takes long; larger steps do it as often as is of use.
            StateMemory = random.Next(6) switch
            {
                0 => largest < 16 ? 4096 : 0,
                1 => 1L << random.Next(8, 20),
                _ => null,
            },
            IsBulk = random.Next(2) == 0,
        };
    }

    /// <summary>The final tables.</summary>
    /// <param name="job">The job.</param>
    /// <param name="batches">The sequence.</param>
    /// <param name="preloads">Up to where it reads what it preloads.</param>
    public MemoryTables Run(Job job, IReadOnlyList<RecordBatch> batches, Place preloads = default)
    {
        using var culture = new NeutralCulture();
        var random = new Random(Seed);
        var files = Files();
        var machine = NewMachine(job, Workers, preloads, Space(files));
        foreach (var piece in batches.Chunk(Math.Max(1, Math.Min(BatchesMax, batches.Count))))
        {
            machine.Preload(piece);
        }

        var tables = new MemoryTables(machine.Tables);
        var steps = batches.Count / ((BatchesMax / 2L) + 1);
        var restartEvery = RestartEvery > 1 ? (int)Math.Max(RestartEvery, steps / RestartsMax) : RestartEvery;
        for (var at = 0; at < batches.Count;)
        {
            var count = Math.Min(
                BatchesMax == int.MaxValue ? batches.Count : random.Next(1, BatchesMax + 1), batches.Count - at);
            machine.Step(Cut([.. batches.Skip(at).Take(count)]));
            at += count;
            if (restartEvery > 0 && random.Next(restartEvery) == 0)
            {
                tables.Take(machine, !IsBulk);
                var state = new StateWriter();
                machine.Save(state);
                machine.Spill?.Close();
                machine = NewMachine(
                    job, RestartEvery == 1 ? Workers : random.Next(1, WorkersMax + 1), preloads, Space(files));
                Reload(machine, state.Written.ToArray());
            }
            else if (random.Next(4) == 0)
            {
                tables.Take(machine, !IsBulk);
            }
        }

        tables.Take(machine);
        return tables;
    }

    private SpillSpace? Space(IFileSystem files) => StateMemory is { } bytes
        ? new SpillSpace(files, "/scratch") { Share = () => bytes, CompactAt = 16 << 10 }
        : null;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"seed {Seed}, {Workers} worker(s), {Steps}, {Restarts}, {Bound}")
        + (IsBulk ? ", final rows first" : "");

    private string Bound => StateMemory is { } bytes
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes of state in memory")
        : "all state in memory";

    private JobMachine NewMachine(Job job, int workers, Place preloads, SpillSpace? spill)
    {
        var topology = job.Build();
        return new JobMachine(topology, workers, spill: spill)
        {
            Preloads = topology.PreloadsTo(preloads),

            // In every fourth one workers run at once however small a step is, and in short turns.
            RecordsForSeveral = Seed % 4 == 0 ? 1 : 1024,
            RoundRecords = Seed % 4 == 0 ? 50 : 4096,
        };
    }

    private string Steps => BatchesMax == int.MaxValue
        ? "one step"
        : string.Create(CultureInfo.InvariantCulture, $"steps of 1 to {BatchesMax} batches");

    private string Restarts => RestartEvery switch
    {
        0 => "no restart",
        1 => "a restart after every step",
        _ => string.Create(CultureInfo.InvariantCulture, $"a restart after every {RestartEvery} steps or so"),
    };
}
