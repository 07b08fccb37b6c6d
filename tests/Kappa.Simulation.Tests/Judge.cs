using System.Text;
using Kappa.Streams.Runtime;
using Kappa.Tables;
using Kappa.Tables.Loop;

namespace Kappa.Simulation;

/// <summary>
/// What must hold whatever happened: no acknowledged record is lost or doubled (promise P3, rule L8), positions never
/// go back (P4), tables are f(prefix) as an independent machine computes it from the log (P1, P2, C1), nothing is
/// alarmed.
/// </summary>
internal sealed class Judge(ChangingJob job, SimulatedStore store)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, long> _acknowledged = [];
    private readonly Dictionary<JobVersion, Place> _reached = [];
    private (JobVersion Version, Place Place)? _answered;

    public void Acknowledge(IEnumerable<NewRecord> records, Appended answer)
    {
        foreach (var record in records)
        {
            _acknowledged[Encoding.UTF8.GetString(record.Key!.Value.Span)] = answer.Batches[^1].LogTime;
        }
    }

    /// <summary>What can be seen without reading the log.</summary>
    public IEnumerable<string> Quick(Process process)
    {
        foreach (var version in process.Catalog.Versions)
        {
            if (version.State == VersionState.Failed)
            {
                yield return $"{version.Version} failed: {version.Error}";
            }

            if (version.State == VersionState.Dropped || !store.Has(version.Version))
            {
                continue;
            }

            var place = store.Read(version.Version).Place;
            if (place < _reached.GetValueOrDefault(version.Version))
            {
                yield return $"{version.Version} went back from {_reached[version.Version]} to {place} (P4)";
            }

            _reached[version.Version] = place;
        }

        if (process.Answer() is { } answer)
        {
            if (answer.Tables.Place < _answered?.Place)
            {
                yield return $"the answer of {answer.Version} at {answer.Tables.Place} is behind that of "
                    + $"{_answered?.Version} at {_answered?.Place} (P4, V6)";
            }

            _answered = (answer.Version, answer.Tables.Place);
            var schemas = answer.Tables.Tables.Select(table => table.Name).Order();
            if (!schemas.SequenceEqual(job.Of(answer.Version).Build().Tables.Select(table => table.Name).Order()))
            {
                yield return $"the answer of {answer.Version} has the tables of another (V7)";
            }
        }

        lock (process.Reports)
        {
            var alarm = process.Reports.FirstOrDefault(
                report => report.Contains("Computed again", StringComparison.Ordinal));
            if (alarm is not null)
            {
                yield return alarm + " (C2)";
            }

            if (store.Wrong is { } wrong)
            {
                yield return wrong + " (C4)";
            }

            // Nobody may take over from the newest process.
            var fence = process.Reports.FirstOrDefault(
                report => report.Contains("has taken over", StringComparison.Ordinal));
            if (fence is not null)
            {
                yield return fence + " (C4)";
            }
        }
    }

    public async Task<List<string>> WholeAsync(ILog log, Process process)
    {
        List<string> wrong = [.. Quick(process), .. Records(log)];
        foreach (var version in process.Catalog.Versions.Where(version =>
            version.State != VersionState.Dropped && store.Has(version.Version)))
        {
            var stored = store.Read(version.Version);
            var (expected, isPlace) = Expected(log, version.Version, stored.Place);
            if (!isPlace)
            {
                wrong.Add($"{version.Version} stands at {stored.Place}, which is no end of a batch");
            }

            if (expected != stored.Digest())
            {
                wrong.Add($"{version.Version} at {stored.Place} is not f(prefix): "
                    + Difference(expected, stored.Digest()));
            }
        }

        await Task.CompletedTask;
        return wrong;
    }

    /// <summary>
    /// What a start has brought in line with the journal (rule V3): readers are pointed where its fold says, and of
    /// what was dropped nothing is left (rule V8).
    /// </summary>
    public async Task<List<string>> StartAsync(Process process, Machine machine)
    {
        var wrong = new List<string>();
        if (machine.IsDead)
        {
            return wrong;
        }

        // The first version goes live by itself, and a switch under way is decided: that may come about just now.
        var patience = System.Diagnostics.Stopwatch.StartNew();
        while (!machine.IsDead && store.PointedAt(job.Name) != process.Catalog.Live(job.Name)?.Version)
        {
            if (patience.Elapsed > Patience)
            {
                wrong.Add($"readers are pointed at {store.PointedAt(job.Name)?.ToString() ?? "nothing"}, and live is "
                    + $"{process.Catalog.Live(job.Name)?.Version} (V3)");
                break;
            }

            // What failed is tried again after a while.
            process.PassMoment();
            await Task.Delay(2, CancellationToken.None);
        }

        foreach (var dropped in process.Catalog.Versions.Where(version => version.State == VersionState.Dropped))
        {
            if (store.Has(dropped.Version))
            {
                wrong.Add($"the tables of {dropped.Version} are there after it was dropped (V8)");
            }

            if (!machine.IsDead && StatesOf(machine, dropped.Version) is { Count: > 0 } states)
            {
                wrong.Add($"of {dropped.Version}, which was dropped, there is {states[0]} (V8)");
            }
        }

        return wrong;
    }

    public bool IsAtEnd(ILog log, Process process)
    {
        var last = Place.Start;
        using var batches = Batches(log).GetEnumerator();
        while (batches.MoveNext())
        {
            last = batches.Current.LastPlace;
        }

        return process.Catalog.Versions.Where(version => version.Runs).All(version =>
            store.Has(version.Version) && store.Read(version.Version).Place >= last);
    }

    private static IReadOnlyList<string> StatesOf(Machine machine, JobVersion version)
    {
        var folder = StateFiles.FolderOf("/state", version);
        return machine.Disk.Exists(folder) ? machine.Disk.List(folder) : [];
    }

    private static string Difference(string expected, string got)
    {
        var (left, right) = (expected.Split('\n'), got.Split('\n'));
        return "expected " + (left.Except(right).FirstOrDefault() ?? "nothing")
            + ", found " + (right.Except(left).FirstOrDefault() ?? "nothing");
    }

    private IEnumerable<string> Records(ILog log)
    {
        var found = new Dictionary<string, int>();
        foreach (var batch in Batches(log).Where(batch => !Names.IsPlatforms(batch.Topic)))
        {
            foreach (var record in batch)
            {
                var key = Encoding.UTF8.GetString(record.Key);
                found[key] = found.GetValueOrDefault(key) + 1;
            }
        }

        return _acknowledged.Keys.Where(key => !found.ContainsKey(key)).Take(1)
            .Select(key => $"the acknowledged record {key} is lost (P3)")
            .Concat(found.Where(pair => pair.Value > 1).Take(1)
                .Select(pair => $"record {pair.Key} is there {pair.Value} times (L8)"));
    }

    private static IEnumerable<RecordBatch> Batches(ILog log)
    {
        var sequence = log.Read(["readings"], Place.Start);
        while (sequence.TryRead(out var batch))
        {
            yield return batch;
        }
    }

    /// <summary>The tables of a new machine with one worker, a step for each batch, up to a place.</summary>
    private (string Digest, bool IsPlace) Expected(ILog log, JobVersion version, Place place)
    {
        var topology = job.Of(version).Build();
        var machine = new JobMachine(topology, 1);
        var tables = new Kappa.Streams.Tests.Tables(topology.Tables);
        var isPlace = place == Place.Start;
        foreach (var batch in Batches(log).TakeWhile(batch => batch.LastPlace <= place))
        {
            machine.Step([batch]);
            tables.Take(machine);
            isPlace |= batch.LastPlace == place;
        }

        return (tables.Digest(), isPlace);
    }
}
