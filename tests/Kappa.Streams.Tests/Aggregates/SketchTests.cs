using System.Collections.Immutable;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Kappa.Streams.Aggregates;
using Kappa.Streams.Runtime;
using Xunit;

namespace Kappa.Streams.Tests.Aggregates;

/// <summary>Sketches against exact results, within the errors they promise; merged is as whole.</summary>
public sealed class SketchTests
{
    [Theory]
    [InlineData("", 0xEF46DB3751D8E999)]
    [InlineData("a", 0xD24EC4F1A98C6E5B)]
    [InlineData("abc", 0x44BC2CF5AD770999)]
    [InlineData("The quick brown fox jumps over the lazy dog", 0x0B242D361FDA71BC)]
    public void The_hash_is_XXH64(string text, ulong hash) =>
        Assert.Equal(hash, Hash64.Of(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(12)]
    [InlineData(16)]
    public void A_distinct_sketch_is_off_as_much_as_its_precision_allows(int precision)
    {
        var deviation = 1.04 / Math.Sqrt(1 << precision);
        foreach (var count in new[] { 0, 1, 2, 10, 100, 1_000, 10_000, 60_000 })
        {
            var squares = 0.0;
            for (var run = 0; run < 10; run++)
            {
                var sketch = new DistinctSketch(precision);
                for (var i = 0; i < count; i++)
                {
                    sketch = sketch.Add((run * 1_000_000L) + i);
                }

                var error = count == 0 ? sketch.Count : (sketch.Count - count) / (double)count;
                squares += error * error;
                Assert.True(
                    Math.Abs(error) <= 4.5 * deviation,
                        $"precision {precision} count {count} run {run}: {sketch.Count}");
            }

            Assert.True(
                Math.Sqrt(squares / 10) <= 1.7 * deviation,
                $"precision {precision} count {count}: {Math.Sqrt(squares / 10)}");
        }
    }

    [Fact]
    public void Few_different_values_are_counted_exactly_and_again_is_nothing_new()
    {
        var sketch = new DistinctSketch(12);
        foreach (var text in new[] { "a", "b", "a", "c", "b" })
        {
            sketch = sketch.Add(text);
        }

        Assert.Equal(3, sketch.Count);
        Assert.Same(sketch, sketch.Add("a"));
    }

    [Fact]
    public void Merged_distinct_sketches_are_the_sketch_of_all() =>
        Prop.ForAll<int[], int[], int>((left, right, shape) =>
        {
            // Wide values and few registers, so that all ways of storing them meet.
            var precision = 4 + (Math.Abs(shape % 5));
            var spread = 1 + Math.Abs(shape % 40);
            var lefts = left.SelectMany(one => Enumerable.Range(one, spread)).ToList();
            var rights = right.SelectMany(one => Enumerable.Range(one, spread)).ToList();
            return Bytes(Of(lefts).Merge(Of(rights))) == Bytes(Of(lefts.Concat(rights)));

            DistinctSketch Of(IEnumerable<int> values) =>
                values.Aggregate(new DistinctSketch(precision), (sketch, value) => sketch.Add(value));
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0.001)]
    [InlineData(0.01)]
    [InlineData(0.1)]
    [InlineData(0.5)]
    public void A_quantile_is_off_by_at_most_the_relative_error(double error)
    {
        foreach (var seed in Enumerable.Range(1, 6))
        {
            var random = new Random(seed);
            var values = Enumerable.Range(0, 5_000).Select(_ => seed switch
            {
                1 => random.NextDouble(),
                2 => random.NextDouble() * -1e9,
                3 => Math.Pow(10, random.Next(-300, 300)) * (random.Next(2) == 0 ? -1 : 1),
                4 => random.Next(-3, 4),
                5 => -Math.Log(random.NextDouble()),
                _ => double.MaxValue * random.NextDouble(),
            }).ToList();
            var sketch = values.Aggregate(new QuantileSketch(error), (sketch, value) => sketch.Add(value));
            values.Sort();
            for (var q = 0; q <= 1_000; q++)
            {
                var exact = values[(int)Math.Floor(q / 1_000.0 * (values.Count - 1))];
                var got = sketch.At(q / 1_000.0);
                Assert.True(
                    Math.Abs(got - exact) <= Math.Abs(exact) * (error + 1e-9),
                    $"seed {seed} error {error} q {q}: {got} is not {exact}");
            }
        }
    }

    [Fact]
    public void Merged_quantile_sketches_are_the_sketch_of_all() =>
        Prop.ForAll<double[], double[]>((left, right) =>
        {
            var lefts = left.Where(double.IsFinite).ToList();
            var rights = right.Where(double.IsFinite).ToList();
            return Bytes(Of(lefts).Merge(Of(rights))) == Bytes(Of(lefts.Concat(rights)));

            static QuantileSketch Of(IEnumerable<double> values) =>
                values.Aggregate(new QuantileSketch(0.01), (sketch, value) => sketch.Add(value));
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void What_is_no_number_has_no_place_in_a_quantile_sketch_O6(double value) =>
        Assert.Throws<InvalidOperationException>(() => new QuantileSketch(0.01).Add(value));

    [Fact]
    public void The_top_of_two_halves_is_the_top_of_the_whole() =>
        Prop.ForAll<byte[], byte[], bool>((left, right, all) =>
        {
            var top = Aggregate.Top(3, ((byte Value, int At) one) => one.Value % 7, all ? Ties.All : Ties.First);
            var whole = left.Concat(right).Select((value, at) => (value, at)).ToList();
            var merged = top.Merge!(Of(whole[..left.Length]), Of(whole[left.Length..]));
            return top.Result(merged).SequenceEqual(top.Result(Of(whole)));

            ImmutableArray<Ranked<(byte, int), int>> Of(IEnumerable<(byte, int)> values) =>
                values.Aggregate(top.Seed, (state, value) => top.Next(state, value));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Merges_of_the_simple_aggregations_are_the_whole()
    {
        int[] all = [5, -3, 12, 12, 0, -3];
        for (var cut = 0; cut <= all.Length; cut++)
        {
            Check(Aggregate.Count<int>(), cut);
            Check(Aggregate.Sum((int one) => (long)one), cut);
            Check(Aggregate.Sum((int one) => (double)one), cut);
            Check(Aggregate.Sum((int one) => (decimal)one), cut);
            Check(Aggregate.Average((int one) => (long)one), cut);
            Check(Aggregate.Average((int one) => (double)one), cut);
            Check(Aggregate.Average((int one) => (decimal)one), cut);
            Check(Aggregate.Min((int one) => one), cut);
            Check(Aggregate.Max((int one) => one), cut);
            Check(Aggregate.MinBy((int one) => Math.Abs(one)), cut);
            Check(Aggregate.MaxBy((int one) => Math.Abs(one)), cut);
            Check(Aggregate.DistinctCount((int one) => one), cut);
            Check(Aggregate.ApproximateDistinctCount((int one) => one), cut);
            Check(Aggregate.Percentile((int one) => one, 50), cut);
            Check(Aggregate.Of(Aggregate.Count<int>(), Aggregate.Max((int one) => one), (a, b) => (a, b)), cut);
            Check(
                Aggregate.Of(
                    Aggregate.Count<int>(), Aggregate.Max((int one) => one), Aggregate.Min((int one) => one),
                    (a, b, c) => (a, b, c)),
                cut);
        }

        void Check<TState, TResult>(Aggregation<int, TState, TResult> aggregation, int cut)
        {
            var left = all[..cut].Aggregate(aggregation.Seed, aggregation.Next);
            var right = all[cut..].Aggregate(aggregation.Seed, aggregation.Next);
            var whole = aggregation.Result(all.Aggregate(aggregation.Seed, aggregation.Next));
            Assert.Equal(whole, aggregation.Result(aggregation.Merge!(Back(left), Back(right))));
        }
    }

    [Fact]
    public void Aggregations_without_a_merge_make_none_together() =>
        Assert.Null(Aggregate.Of(Aggregate.Count<int>(), Aggregate.Latest<int>(), (a, b) => (a, b)).Merge);

    /// <summary>As a state file gives it back.</summary>
    private static T Back<T>(T state)
    {
        var writer = new StateWriter();
        StateCodec<T>.Write(writer, state);
        return StateCodec<T>.Read(new StateReader(writer.Written.ToArray()));
    }

    private static string Bytes<T>(T state)
    {
        var writer = new StateWriter();
        StateCodec<T>.Write(writer, state);
        return Convert.ToHexString(writer.Written.Span);
    }
}
