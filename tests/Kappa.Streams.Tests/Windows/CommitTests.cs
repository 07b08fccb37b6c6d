using Xunit;

namespace Kappa.Streams.Tests.Windows;

/// <summary>
/// Rows in the store at each commit are those of the sequence up to there, however many commits came before (promises
/// P1 and P2; rules O1 and C1): rows of sessions that grew or merged, and of results that are no more, are gone.
/// </summary>
public sealed class CommitTests
{
    public static TheoryData<string> Jobs => [.. GoldenJobs.OfWindows.Select(job => job.Name)];

    [Theory]
    [MemberData(nameof(Jobs))]
    public void Rows_at_each_commit_are_those_of_the_sequence_up_to_there_O1_C1(string name)
    {
        var job = GoldenJobs.OfWindows.Single(job => job.Name == name);
        var sequence = Sequence.Random(5, 260, 2, complete: true, devices: 8);
        var topology = job.Build();
        var machine = new Kappa.Streams.Runtime.JobMachine(topology, 2);
        var tables = new Tables(topology.Tables);
        var seen = 0;
        foreach (var batch in sequence.Batches)
        {
            machine.Step([batch]);
            tables.Take(machine);
            seen++;

            // All at once, with one commit at its end.
            var other = new Kappa.Streams.Runtime.JobMachine(job.Build(), 1);
            var whole = new Tables(topology.Tables);
            other.Step([.. sequence.Batches.Take(seen)]);
            whole.Take(other);
            Assert.True(whole.Digest() == tables.Digest(), $"job {name} behind batch {seen}");
        }
    }
}
