using System.Text;
using Kappa.Log;
using Kappa.Streams.Runtime;
using Xunit;

namespace Kappa.Streams.Tests.Outputs;

/// <summary>Rule E1: what a job says, and under which ids, is a function of the sequence alone (promise P2).</summary>
public sealed class OutputScheduleTests
{
    public static TheoryData<string> Jobs => [.. OutputJobs.All.Select(job => job.Name)];

    [Theory]
    [MemberData(nameof(Jobs))]
    public void Outputs_have_the_same_ids_and_bytes_for_any_workers_steps_and_restarts_E1_T8(string name)
    {
        var job = OutputJobs.All.Single(job => job.Name == name);
        for (var seed = 1; seed <= 5; seed++)
        {
            var sequence = Sequence.Random(seed, 1200, partitions: 1 + (seed % 3), complete: seed % 2 == 0);
            var expected = Said(job, sequence, 1, () => 1, null);
            Assert.NotEmpty(expected);
            for (var schedule = 0; schedule < 8; schedule++)
            {
                var random = new Random((seed * 100) + schedule);
                var (workers, largest) = (random.Next(1, 6), random.Next(1, 200));
                var got = Said(
                    job, sequence, workers, () => random.Next(1, largest + 1),
                    schedule % 2 == 1 ? () => random.Next(4) == 0 ? random.Next(1, 6) : 0 : null);

                Assert.True(
                    expected.SequenceEqual(got),
                    $"job {name} seed {seed} schedule {schedule} workers {workers}: "
                    + string.Join('\n', expected.Zip(got).Where(pair => pair.First != pair.Second).Take(3)));
            }
        }
    }

    [Fact]
    public void Ids_rise_and_count_from_0_at_each_place_E1()
    {
        var sequence = Sequence.Random(3, 1500, partitions: 2, complete: true);
        foreach (var job in OutputJobs.All)
        {
            foreach (var output in Said(job, sequence, 3, () => 7, null).GroupBy(line => line.Split(' ')[0]))
            {
                var places = new List<(string Place, int Index)>();
                foreach (var id in output.Select(line => line.Split(' ')[1]))
                {
                    var slash = id.LastIndexOf('/');
                    places.Add((id[..slash], int.Parse(id[(slash + 1)..], null)));
                }

                foreach (var group in places.GroupBy(one => one.Place))
                {
                    Assert.Equal(Enumerable.Range(0, group.Count()), group.Select(one => one.Index));
                }

                var distinct = places.Select(one => one.Place).Distinct().Select(text =>
                    Place.TryParse(text, out var place) ? place : throw new FormatException(text)).ToList();
                Assert.Equal(distinct.Order(), distinct);
            }
        }
    }

    [Fact]
    public void An_output_of_a_record_has_the_place_of_the_record_E1()
    {
        // An oracle of its own: no engine, just the records in order.
        var sequence = Sequence.Random(5, 800, partitions: 3, complete: false);
        var expected = sequence.Readings.Where(pair => pair.Reading.Value >= 60)
            .Select(pair => $"alerts {pair.Place}/0 {pair.Reading.Device} {pair.Reading.Seq}");

        var got = Said(OutputJobs.High, sequence, 2, () => 5, null).Select(line =>
        {
            var parts = line.Split(' ', 4);
            using var value = System.Text.Json.JsonDocument.Parse(parts[3]);
            return string.Join(' ', parts[..3]) + " " + value.RootElement.GetProperty("seq").GetInt64();
        });

        Assert.Equal(expected, got);
    }

    /// <summary>Every output record as "output id key value".</summary>
    private static List<string> Said(
        Job job, Sequence sequence, int workers, Func<int> batchesPerStep, Func<int>? restartWorkers)
    {
        var topology = job.Build();
        var machine = new JobMachine(topology, workers);
        var said = topology.Outputs.ToDictionary(output => output.Topic, _ => new List<string>());
        for (var at = 0; at < sequence.Batches.Count;)
        {
            var count = Math.Min(batchesPerStep(), sequence.Batches.Count - at);
            machine.Step([.. sequence.Batches.Skip(at).Take(count)]);
            at += count;
            if (restartWorkers?.Invoke() is > 0 and var others)
            {
                Take(machine, said);
                var state = new StateWriter();
                machine.Save(state);
                machine = new JobMachine(job.Build(), others);
                machine.Load(new StateReader(state.Written.ToArray()));
            }
            else if (at % 3 == 0)
            {
                Take(machine, said);
            }
        }

        Take(machine, said);
        return [.. said.Values.SelectMany(lines => lines)];
    }

    private static void Take(JobMachine machine, Dictionary<string, List<string>> said)
    {
        foreach (var (output, lines) in said)
        {
            lines.AddRange(machine.CollectOutput(output).Select(record =>
                $"{output} {record.Id} {(record.Key is null ? "-" : Encoding.UTF8.GetString(record.Key))} "
                + Encoding.UTF8.GetString(record.Value)));
        }
    }
}
