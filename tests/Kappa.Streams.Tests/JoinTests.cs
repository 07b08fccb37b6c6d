using System.Globalization;
using Xunit;

namespace Kappa.Streams.Tests;

/// <summary>Interval joins against all pairs of the sequence, by the rules O3, T5 and T6.</summary>
public sealed class JoinTests
{
    private const long None = long.MinValue;

    public static TheoryData<int, bool> Seeds
    {
        get
        {
            var data = new TheoryData<int, bool>();
            for (var seed = 40; seed < 50; seed++)
            {
                data.Add(seed, seed % 2 == 0);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void An_inner_join_is_all_pairs_in_reach_and_in_time_O3_T5(int seed, bool complete)
    {
        var sequence = Sequence.Random(seed, 900, 2, complete);
        var all = new AllPairs(sequence, complete, StreamJobs.Before, StreamJobs.After);
        var tables = Machine.Run(
            Job.Define("j", flow =>
            {
                var (left, right) = StreamJobs.Sides(flow);
                left.Join(
                    right, Interval.Between(StreamJobs.Before, StreamJobs.After),
                    (l, r) => new Pair(l.Device, l.Seq, r.Seq), (l, r) => (l.Seq + r.Seq) % 3 > 0)
                    .KeyBy(pair => pair).Aggregate(0L, (count, _) => count + 1).ToTable("pairs");
            }), sequence, 3, () => 5);

        var expected = all.Pairs((l, r) => (l.Seq + r.Seq) % 3 > 0).Select(pair => Text(pair.Left, pair.Right))
            .CountBy(text => text).Select(pair => $"{pair.Key} {pair.Value}").Order(StringComparer.Ordinal).ToList();
        Assert.True(expected.Count > 100);
        Assert.Equal(expected, Rows(tables, "pairs"));
        Assert.Equal(all.LateLefts + all.LateRights, tables.Rows("j.late").Count);
        Assert.True(all.LateLefts > 0);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void An_outer_join_sends_what_found_no_other_once_none_can_come_T5_T6(int seed, bool complete)
    {
        var sequence = Sequence.Random(seed, 700, 2, complete);
        var all = new AllPairs(sequence, complete, StreamJobs.After, StreamJobs.After * 2);
        bool When(Reading l, Reading r) => l.Seq % 2 == r.Seq % 2;
        var tables = Machine.Run(
            Job.Define("j", flow =>
            {
                var (left, right) = StreamJobs.Sides(flow);
                left.FullJoin(
                    right, Interval.Between(StreamJobs.After, StreamJobs.After * 2),
                    (l, r) => new Pair(l?.Device ?? r!.Device, l?.Seq, r?.Seq), (l, r) => l.Seq % 2 == r.Seq % 2)
                    .KeyBy(pair => pair).Aggregate(0L, (count, _) => count + 1).ToTable("pairs");
            }), sequence, 4, () => 3);

        var expected = all.Pairs(When).Select(pair => Text(pair.Left, pair.Right))
            .Concat(all.LeftsAlone(When).Select(left => Text(left, null)))
            .Concat(all.RightsAlone(When).Select(right => Text(null, right)))
            .CountBy(text => text).Select(pair => $"{pair.Key} {pair.Value}").Order(StringComparer.Ordinal).ToList();
        Assert.Contains(expected, text => text.Contains("- ", StringComparison.Ordinal));
        Assert.Equal(expected, Rows(tables, "pairs"));
    }

    private static string Text(Reading? left, Reading? right) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(left ?? right)!.Device} {left?.Seq.ToString(CultureInfo.InvariantCulture) ?? "-"} {right?.Seq
            .ToString(CultureInfo.InvariantCulture) ?? "-"}");

    private static List<string> Rows(Tables tables, string table) =>
        [.. tables.Rows(table).Select(row => string.Join(' ', row.Select(value => Convert.ToString(
            value ?? "-", CultureInfo.InvariantCulture)))).Order(StringComparer.Ordinal)];

    /// <summary>Left readings below 60, right ones above 30, with the join's watermark before each.</summary>
    private sealed class AllPairs
    {
        private readonly List<Side> _lefts = [];
        private readonly List<Side> _rights = [];
        private readonly long _low;
        private readonly long _high;
        private readonly long _end;

        public AllPairs(Sequence sequence, bool complete, TimeSpan low, TimeSpan high)
        {
            (_low, _high) = (low.Ticks, high.Ticks);
            var highest = None;
            for (var at = 0; at < sequence.Readings.Count; at++)
            {
                // The sources differ in lateness only, so the join's watermark is that of the later one.
                var (place, reading) = sequence.Readings[at];
                var watermark = highest == None ? None : highest - TimeSpan.FromSeconds(30).Ticks;
                if (reading.Value < 60)
                {
                    _lefts.Add(new Side(reading, at, watermark, Math.Max(0, _high)));
                }

                if (reading.Value > 30)
                {
                    _rights.Add(new Side(reading, at, watermark, Math.Max(0, -_low)));
                }

                highest = Math.Max(highest, Math.Min(reading.At.UtcTicks, place.LogTime));
            }

            _end = complete ? long.MaxValue : highest - TimeSpan.FromSeconds(30).Ticks;
        }

        public int LateLefts => _lefts.Count(side => side.IsLate);

        public int LateRights => _rights.Count(side => side.IsLate);

        public IEnumerable<(Reading Left, Reading Right)> Pairs(Func<Reading, Reading, bool> when) =>
            from left in _lefts
            from right in _rights
            where Meet(left, right, when)
            select (left.Reading, right.Reading);

        public IEnumerable<Reading> LeftsAlone(Func<Reading, Reading, bool> when) => _lefts
            .Where(left => !left.IsLate && left.Expires < _end && !_rights.Any(right => Meet(left, right, when)))
            .Select(left => left.Reading);

        public IEnumerable<Reading> RightsAlone(Func<Reading, Reading, bool> when) => _rights
            .Where(right => !right.IsLate && right.Expires < _end && !_lefts.Any(left => Meet(left, right, when)))
            .Select(right => right.Reading);

        private bool Meet(Side left, Side right, Func<Reading, Reading, bool> when)
        {
            var between = right.Time - left.Time;
            var (first, second) = left.At <= right.At ? (left, right) : (right, left);
            return left.Reading.Device == right.Reading.Device && _low <= between && between <= _high
                && !left.IsLate && !right.IsLate && second.Watermark <= first.Expires
                && when(left.Reading, right.Reading);
        }

        private sealed record Side(Reading Reading, int At, long Watermark, long Reach)
        {
            public long Time => Reading.At.UtcTicks;

            public long Expires => Time + Reach;

            public bool IsLate => Watermark > Expires;
        }
    }
}
