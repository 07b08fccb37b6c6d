using System.Text;
using Kappa.Streams;
using Kappa.Streams.Runtime;
using Kappa.Tables;
using Kappa.Tables.Loop;

namespace Kappa.Simulation;

/// <summary>
/// What must hold whatever happened: no acknowledged record is lost or doubled (promise P3, rule L8), positions never
/// go back (P4), tables are f(prefix) as an independent machine computes it from the log (P1, P2, C1), nothing is
/// alarmed.
/// </summary>
internal sealed class Judge(Job job, SimulatedStore store)
{
    private readonly Dictionary<string, long> _acknowledged = [];
    private readonly Dictionary<JobVersion, Place> _reached = [];

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

            if (!store.Has(version.Version))
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
        foreach (var version in process.Catalog.Versions.Where(version => store.Has(version.Version)))
        {
            var stored = store.Read(version.Version);
            var (expected, isPlace) = Expected(log, stored.Place);
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

    public bool IsAtEnd(ILog log, Process process)
    {
        var last = Place.Start;
        using var batches = Batches(log).GetEnumerator();
        while (batches.MoveNext())
        {
            last = batches.Current.LastPlace;
        }

        return process.Catalog.Versions.All(version =>
            store.Has(version.Version) && store.Read(version.Version).Place >= last);
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

    private IEnumerable<RecordBatch> Batches(ILog log)
    {
        var sequence = log.Read(job.Build().Topics, Place.Start);
        while (sequence.TryRead(out var batch))
        {
            yield return batch;
        }
    }

    /// <summary>The tables of a new machine with one worker, a step for each batch, up to a place.</summary>
    private (string Digest, bool IsPlace) Expected(ILog log, Place place)
    {
        var topology = job.Build();
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
