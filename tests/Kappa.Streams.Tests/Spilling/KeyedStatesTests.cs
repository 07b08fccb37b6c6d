using Kappa.Log;
using Kappa.Streams.Runtime;
using Xunit;

namespace Kappa.Streams.Tests.Spilling;

/// <summary>States by key against a dictionary, whatever is spilled, read back and written anew in between.</summary>
public sealed class KeyedStatesTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    [InlineData(4, true)]
    public void States_are_those_of_a_dictionary_T8(int seed, bool hasRows)
    {
        var scratch = new Scratch();
        using var world = new World(scratch.Space(0), hasRows);
        var (all, table) = (world.All, world.All.Make());
        var model = new Dictionary<Dull, string>();
        var changed = new HashSet<Dull>();
        var random = new Random(seed);
        for (var step = 0; step < 6_000; step++)
        {
            var key = new Dull(random.Next(400));
            switch (random.Next(100))
            {
                case < 45:
                    Assert.Equal(model.TryGetValue(key, out var known), table.TryGet(key, out var found));
                    Assert.Equal(known, found);
                    break;
                case < 80:
                    table.TryGet(key, out _);
                    model[key] = new string('x', random.Next(40)) + step;
                    table.Put(key, model[key], isChanged: true);
                    changed.Add(key);
                    break;
                case < 90:
                    table.RemoveAnywhere(key);
                    model.Remove(key);
                    changed.Remove(key);
                    break;
                case < 97:
                    all.Shrink(random.Next(3) == 0 ? 0 : all.WarmBytes / 2);
                    break;
                case < 99 when hasRows:
                    Assert.Equal(changed.Order(), Changed(table).Order());
                    changed.Clear();
                    all.Collected();
                    break;
                default:
                    Assert.Equal(model.OrderBy(pair => pair.Key), Saved(all, table));
                    Assert.Equal(model.OrderBy(pair => pair.Key), Located(table));
                    break;
            }

            Assert.Equal(model.Count, table.Count + table.ColdCount);
            Assert.InRange(
                all.IndexBytes, 16L * table.ColdCount, table.ColdCount == 0 ? 0 : 192 + (96L * table.ColdCount));
        }

        Assert.True(scratch.Files.Opened > 2, $"written anew {scratch.Files.Opened} times");
    }

    [Fact]
    public void What_cannot_be_spilled_is_not_looked_through_in_every_step()
    {
        var asked = 0;
        using var world = new World(new Scratch().Space(0), hasRows: false, isHeld: _ => ++asked > 0);
        var table = world.All.Make();
        for (var key = 0; key < 4_000; key++)
        {
            table.Put(new Dull(key), "held", isChanged: false);
            world.All.Measure(records: 1);
            world.All.Shrink(0);
        }

        Assert.InRange(asked, 4_000, 100_000);
        Assert.Equal(4_000, table.Count);
        world.All.Collected();
        asked = 0;
        world.All.Shrink(0);
        Assert.InRange(asked, 4_000, 8_000);
    }

    [Fact]
    public void Of_large_states_no_more_is_written_to_measure_them_than_the_records_are_worth()
    {
        long written = 0;
        using var world = new World(
            new Scratch().Space(0), hasRows: false, code: new StateCode<string>(
                (into, state) =>
                {
                    StateCodec<string>.Write(into, state);
                    written += state.Length;
                },
                StateCodec<string>.Read));
        var table = world.All.Make();
        table.Put(new Dull(1), new string('x', 100_000), isChanged: false);
        for (var step = 0; step < 10_000; step++)
        {
            world.All.Measure(records: 1);
        }

        Assert.InRange(written, 500_000, 3_000_000);
        Assert.InRange(world.All.WarmBytes, 200_000, 2_000_000);
    }

    [Fact]
    public void Damage_in_a_scratch_file_is_named()
    {
        var scratch = new Scratch();
        using var world = new World(scratch.Space(0), hasRows: false);
        var table = world.All.Make();
        table.Put(new Dull(1), "one", isChanged: false);
        world.All.Shrink(0);
        Assert.Equal((0, 1), (table.Count, table.ColdCount));
        scratch.Files.Damage = bytes => bytes[20] ^= 1;

        var error = Assert.Throws<SpillException>(() => table.TryGet(new Dull(1), out _));

        Assert.Equal(ErrorKind.Unavailable, error.Kind);
        Assert.Contains("is not what was written there", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void To_write_a_few_rows_only_the_changed_keys_are_looked_at()
    {
        using var world = new World(new Scratch().Space(long.MaxValue), hasRows: true);
        var (quiet, table) = (world.All.Make(), world.All.Make());
        for (var key = 0; key < 10_000; key++)
        {
            quiet.Put(new Dull(key), "quiet", isChanged: true);
            table.Put(new Dull(key), "old", isChanged: true);
        }

        Assert.Equal(10_000, Changed(quiet).Count);
        Assert.Equal(10_000, Changed(table).Count);
        for (var again = 0; again < 1_000; again++)
        {
            table.Put(new Dull(again % 3), "new", isChanged: true);
        }

        table.Remove(new Dull(1));
        Assert.Same(table, Assert.Single(world.All.Changing));
        Assert.Equal(3, table.Candidates);
        Assert.Equal([new Dull(0), new Dull(2)], Changed(table).Order());
        Assert.Empty(world.All.Changing);
    }

    private static List<Dull> Changed(KeyedStates<Dull, string> table)
    {
        var changed = new List<Dull>();
        for (var i = 0; i < table.Candidates; i++)
        {
            ref var slot = ref table.Candidate(i);
            if (KeyedStates<Dull, string>.TakeChange(ref slot))
            {
                changed.Add(slot.Key);
            }
        }

        table.ForgetChanges();
        return changed;
    }

    private static IEnumerable<KeyValuePair<Dull, string>> Saved(
        StageStates<Dull, string> all, KeyedStates<Dull, string> table)
    {
        var into = new StateWriter();
        all.Save(table, into);
        var from = new StateReader(into.Written);
        var read = new List<KeyValuePair<Dull, string>>();
        for (var left = from.ReadInt64(); left > 0; left--)
        {
            var (key, state, _) = all.Load(from);
            read.Add(new(key, state));
        }

        Assert.True(from.AtEnd);
        return read.OrderBy(pair => pair.Key);
    }

    private static IEnumerable<KeyValuePair<Dull, string>> Located(KeyedStates<Dull, string> table)
    {
        var located = new List<Located<Dull, string>>();
        table.Locate(located);
        return located.Select(one => table.At(one.Place)).Select(one => KeyValuePair.Create(one.Key, one.State))
            .OrderBy(pair => pair.Key);
    }

    /// <summary>A key whose hash says little.</summary>
    public readonly record struct Dull(int Number) : IComparable<Dull>
    {
        public int CompareTo(Dull other) => Number.CompareTo(other.Number);

        public override int GetHashCode() => Number % 23;
    }

    /// <summary>The states of one stage, without the stage.</summary>
    private sealed class World : IDisposable
    {
        private readonly SpillSpace _space;

        public World(
            SpillSpace space, bool hasRows, Predicate<string>? isHeld = null, StateCode<string>? code = null)
        {
            _space = space;
            var machine = new JobMachine(GoldenJobs.Running.Build(), 1, spill: space);
            All = new StageStates<Dull, string>(
                new StageName(1, "stage"), machine.Sources[0].Instances[0], hasRows, code)
            {
                IsHeld = isHeld ?? (_ => false),
            };
        }

        public StageStates<Dull, string> All { get; }

        public void Dispose() => _space.Close();
    }
}
