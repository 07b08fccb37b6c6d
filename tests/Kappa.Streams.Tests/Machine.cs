using Kappa.Log;
using Kappa.Streams.Runtime;
using Kappa.Tables;

namespace Kappa.Streams.Tests;

/// <summary>Tables as the machine's changes leave them: text of key to text of row, by table.</summary>
internal sealed class Tables
{
    private readonly TableChanges _changes = new();
    private readonly IReadOnlyList<TableSchema> _schemas;
    private readonly List<SortedDictionary<string, byte[]>> _rows = [];
    private readonly List<Dictionary<string, byte[]>> _keys = [];

    public Tables(IReadOnlyList<TableSchema> schemas)
    {
        _schemas = schemas;
        foreach (var _ in schemas)
        {
            _rows.Add(new SortedDictionary<string, byte[]>(StringComparer.Ordinal));
            _keys.Add([]);
        }
    }

    public void Take(JobMachine machine, bool withOpen = true)
    {
        machine.Collect(_changes, withOpen);
        for (var i = 0; i < _changes.Count; i++)
        {
            var change = _changes[i];
            var key = Convert.ToHexString(change.Key.Span);
            _keys[change.Table][key] = change.Key.ToArray();
            if (change.Row is { } row)
            {
                _rows[change.Table][key] = row.ToArray();
            }
            else
            {
                _rows[change.Table].Remove(key);
            }
        }

        _changes.Clear();
    }

    /// <summary>The rows of a table as values: key columns, then value columns.</summary>
    public List<object?[]> Rows(string table)
    {
        var index = _schemas.ToList().FindIndex(schema => schema.Name == table);
        return [.. _rows[index].Select(pair => RowReader.ReadAll(
            _schemas[index], new TableRow(_keys[index][pair.Key], pair.Value)))];
    }

    /// <summary>One text of everything.</summary>
    public string Digest() => string.Join('\n', _schemas.SelectMany((schema, index) =>
        _rows[index].Select(pair => $"{schema.Name} {pair.Key} {Convert.ToHexString(pair.Value)}")));
}

/// <summary>Drives a machine over a sequence in any schedule.</summary>
internal static class Machine
{
    private static readonly Dictionary<string, Place> NoPreloads = [];

    /// <summary>Straight through, one worker, one step per batch: the reference.</summary>
    public static Tables Straight(Job job, Sequence sequence) => Run(job, sequence, 1, () => 1, isFused: false);

    public static Tables Run(Job job, Sequence sequence, int workers, Func<int> batchesPerStep,
        Func<int>? restartWorkers = null, bool isFused = true, Func<SpillSpace?>? spill = null)
    {
        var topology = job.Build();
        var preloads = topology.PreloadedTopics.Count > 0 ? topology.PreloadsTo(sequence.Preloads) : NoPreloads;
        var machine = Make(topology, workers);
        foreach (var piece in sequence.Batches.Chunk(Math.Max(1, batchesPerStep())))
        {
            machine.Preload(piece);
        }

        var tables = new Tables(topology.Tables);
        for (var at = 0; at < sequence.Batches.Count;)
        {
            var count = Math.Min(batchesPerStep(), sequence.Batches.Count - at);
            machine.Step([.. sequence.Batches.Skip(at).Take(count)]);
            at += count;
            if (restartWorkers?.Invoke() is > 0 and var others)
            {
                // Half of the times rows that are not final wait, as while a version reprocesses (rule C3).
                tables.Take(machine, at % 2 == 0);
                var state = new StateWriter();
                machine.Save(state);
                machine.Spill?.Close();
                machine = Make(job.Build(), others);
                machine.Load(new StateReader(state.Written.ToArray()));
            }
            else if (at % 3 == 0)
            {
                tables.Take(machine, restartWorkers is null || at % 2 == 0);
            }
        }

        tables.Take(machine);
        machine.Spill?.Close();
        return tables;

        // Workers run at once however small a step is, and take turns after a few records.
        JobMachine Make(Topology built, int count) => new(built, count, isFused, spill?.Invoke())
        {
            Preloads = preloads,
            RecordsForSeveral = 1,
            RoundRecords = 100,
        };
    }
}
