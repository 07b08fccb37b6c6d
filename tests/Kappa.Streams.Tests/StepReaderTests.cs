using System.Diagnostics.CodeAnalysis;
using Kappa.Log;
using Kappa.Streams.Runtime;
using Kappa.Tables;
using Xunit;

namespace Kappa.Streams.Tests;

/// <summary>How a version's sequence is cut into steps.</summary>
public sealed class StepReaderTests
{
    private static readonly JobVersion Version = new("job", 1);

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(10_000)]
    public void What_is_read_ahead_is_in_the_steps_behind_in_order_L4(int ahead)
    {
        var sequence = Sequence.Random(5, 900, 2, complete: true);
        var got = new List<RecordBatch>();
        var reader = new StepReader(new Listed(sequence.Batches), Version, 50);
        for (var place = Place.Start; reader.TryRead(place, null); place = reader.Place)
        {
            got.AddRange(reader.Batches);
            reader.Ahead?.Invoke(ahead);
        }

        Assert.Equal(sequence.Batches, got);
        Assert.True(reader.AtEnd);
    }

    [Fact]
    public void Damage_found_ahead_is_told_where_it_is_and_what_comes_before_is_given_L7()
    {
        var sequence = Sequence.Random(5, 900, 2, complete: true);
        var damaged = sequence.Batches.Count / 2;
        var got = new List<RecordBatch>();
        var reader = new StepReader(new Listed(sequence.Batches) { DamagedAt = damaged }, Version, 50);

        var error = Assert.Throws<KappaException>(() =>
        {
            for (var place = Place.Start; reader.TryRead(place, null); place = reader.Place)
            {
                reader.Ahead?.Invoke(10_000);
                got.AddRange(reader.Batches);
            }
        });

        Assert.Equal("The segment is damaged.", error.Message);
        Assert.True(got.Count > damaged - 60 && got.SequenceEqual(sequence.Batches.Take(got.Count)));
    }

    [Fact]
    public void Never_more_than_a_step_is_held_however_often_it_is_asked_to_read_ahead()
    {
        // A machine asks once for each source of a job: what is held must not grow with the steps.
        var sequence = Sequence.Random(5, 5_000, 2, complete: true);
        var listed = new Listed(sequence.Batches);
        var reader = new StepReader(listed, Version, 50);
        var largest = sequence.Batches.Max(batch => batch.Count);
        var given = 0;
        for (var place = Place.Start; reader.TryRead(place, null); place = reader.Place)
        {
            given += reader.Batches.Sum(batch => batch.Count);
            for (var source = 0; source < 4; source++)
            {
                reader.Ahead?.Invoke(50);
            }

            Assert.True(listed.Read - given < 50 + largest, $"{listed.Read - given} records are held.");
        }

        Assert.Equal(sequence.Batches.Sum(batch => batch.Count), given);
    }

    [Fact]
    public void Nothing_is_read_ahead_at_the_end_of_the_log()
    {
        var sequence = Sequence.Random(5, 90, 2, complete: true);
        var reader = new StepReader(new Listed(sequence.Batches), Version, 10_000);

        Assert.True(reader.TryRead(Place.Start, null));
        Assert.Null(reader.Ahead);
    }

    /// <summary>A sequence of what is there.</summary>
    private sealed class Listed(IReadOnlyList<RecordBatch> batches) : ISequence
    {
        private int _next;

        public int Read { get; private set; }

        public int DamagedAt { get; init; } = int.MaxValue;

        public Place CompleteTo => batches[^1].LastPlace;

        public bool TryRead([NotNullWhen(true)] out RecordBatch? batch)
        {
            if (_next >= DamagedAt)
            {
                throw new KappaException(ErrorKind.Corrupt, "The segment is damaged.", "Restore it.");
            }

            batch = _next < batches.Count ? batches[_next++] : null;
            Read += batch?.Count ?? 0;
            return batch is not null;
        }

        public ValueTask WaitAsync(CancellationToken cancel) => ValueTask.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
