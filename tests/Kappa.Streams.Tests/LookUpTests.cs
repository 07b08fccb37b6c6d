using System.Globalization;
using Xunit;

namespace Kappa.Streams.Tests;

/// <summary>Look-ups against the rows there were before each place (rule O3).</summary>
public sealed class LookUpTests
{
    [Fact]
    public void A_look_up_sees_the_table_as_of_before_its_place_O3()
    {
        var found = 0;
        for (var seed = 80; seed < 100; seed++)
        {
            var sequence = Sequence.Random(seed, 700, 2, complete: true);
            var rows = new Dictionary<string, Reading>();
            var expected = new SortedSet<string>(StringComparer.Ordinal);
            foreach (var (_, reading) in sequence.Readings)
            {
                if (reading.Seq % 4 != 0 || reading.Seq % 3 == 0)
                {
                    // What this very record changes comes behind what it asks.
                    var row = rows.GetValueOrDefault(reading.Device);
                    found += row is null ? 0 : 1;
                    expected.Add(string.Create(
                        CultureInfo.InvariantCulture, $"{reading.Device} {reading.Seq} {row?.Seq}"));
                }

                if (reading.Seq % 4 == 0)
                {
                    rows.Remove(reading.Device);
                    if (reading.Value >= 15)
                    {
                        rows[reading.Device] = reading;
                    }
                }
            }

            var tables = Machine.Run(StreamJobs.LookedUp, sequence, 3, () => 6);
            Assert.Equal(expected, tables.Rows("latest").Select(row => (string)row[0]!).Order(StringComparer.Ordinal));
        }

        Assert.True(found > 1_000);
    }

    [Fact]
    public void With_validity_the_row_of_the_events_own_time_counts_among_those_known_O3()
    {
        for (var seed = 100; seed < 110; seed++)
        {
            var sequence = Sequence.Random(seed, 500, 2, complete: false);
            var known = new Dictionary<string, List<Reading>>();
            var expected = new SortedSet<string>(StringComparer.Ordinal);
            foreach (var (_, reading) in sequence.Readings)
            {
                var row = known.GetValueOrDefault(reading.Device)?.Where(row => row.At <= reading.At)
                    .Reverse<Reading>().MaxBy(row => row.At);
                expected.Add(string.Create(CultureInfo.InvariantCulture, $"{reading.Device} {reading.Seq} {row?.Seq}"));
                if (reading.Seq % 4 == 0)
                {
                    known.TryAdd(reading.Device, []);
                    known[reading.Device].Add(reading);
                }
            }

            var job = Job.Define("valid", flow =>
            {
                var rows = flow.From<Reading>("readings").Where(reading => reading.Seq % 4 == 0)
                    .KeyBy(reading => reading.Device).Latest();
                flow.From<Reading>("readings", reading => reading.At, maxAhead: TimeSpan.FromDays(3650))
                    .LookUp(
                        rows, reading => reading.Device, (asked, row) => new Pair(asked.Device, asked.Seq, row?.Seq),
                        validFrom: row => row.At)
                    .ToTable("valid", pair => pair.Id());
            });
            var tables = Machine.Run(job, sequence, 2, () => 3, () => 2);
            Assert.Equal(expected, tables.Rows("valid").Select(row => (string)row[0]!).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void A_key_with_more_rows_of_validity_than_allowed_makes_a_dead_letter_and_keeps_the_others_O6()
    {
        var sequence = new Sequence();
        Reading At(int second, long seq) => new("d", Sequence.Origin.AddSeconds(second), seq, 1);
        sequence.Add("rows", 0, Sequence.Origin.AddDays(1).UtcTicks, [At(0, 1), At(1, 2), At(2, 3)]);
        sequence.Add("readings", 0, Sequence.Origin.AddDays(1).UtcTicks + 1, [At(9, 9)]);
        var job = Job.Define("few", flow => flow.From<Reading>("readings", reading => reading.At)
            .LookUp(
                flow.From<Reading>("rows").KeyBy(reading => reading.Device).Latest(), reading => reading.Device,
                (asked, row) => new Pair(asked.Device, asked.Seq, row?.Seq), row => row.At, rowsMax: 2)
            .ToTable("few", pair => pair.Id()));

        var tables = Machine.Straight(job, sequence);

        Assert.Equal("d 9 2", Assert.Single(tables.Rows("few"))[0]);
        Assert.Contains("2 rows", (string)Assert.Single(tables.Rows("few.dead"))[^1]!, StringComparison.Ordinal);
    }
}
