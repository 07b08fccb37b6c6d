using Xunit;

namespace Kappa.Streams.Tests.Windows;

/// <summary>Sessions against brute force over lists (rules O1, T4, T5, T6, T9).</summary>
public sealed class SessionTests
{
    private static readonly long Gap = GoldenJobs.Gap.Ticks;

    public static TheoryData<int, bool> Seeds
    {
        get
        {
            var data = new TheoryData<int, bool>();
            for (var seed = 31; seed < 43; seed++)
            {
                data.Add(seed, seed % 2 == 0);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Sessions_that_merge_hold_what_came_in_time_and_their_old_rows_are_gone_O1_T4_T5_T9(
        int seed, bool complete)
    {
        var sequence = Sequence.Random(seed, 1200, 2, complete, devices: 9);
        var (sessions, late) = Brute(sequence);
        var (_, end) = Oracle.Watermarks(sequence, complete);
        var random = new Random(seed);
        var tables = Machine.Run(GoldenJobs.Sessions, sequence, 3, () => random.Next(1, 9));

        Assert.Contains(sessions, session => session.Merges > 0);
        Assert.True(late > 0);
        Assert.Equal(
            Expected.Lines(sessions.Select(session => Expected.Line(
                session.Device, session.First, session.Last + Gap, session.Visit.Count, session.Visit.Sum,
                session.Visit.Trace, end > session.Last + Gap + GoldenJobs.SessionGrace.Ticks))),
            Expected.Lines(tables.Rows("sessions")));
        Assert.Equal(late, tables.Rows("sessions.late").Count);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Sessions_without_a_merge_fold_in_order_of_event_time_T9(int seed, bool complete)
    {
        var sequence = Sequence.Random(seed, 1200, 2, complete, devices: 9);
        var (seen, end) = Oracle.Watermarks(sequence, complete);
        var expected = new List<(string Device, long First, long Last, Total Total)>();
        foreach (var device in seen.Where(s => s.Time >= s.Before && end > s.Time).GroupBy(s => s.Reading.Device))
        {
            List<Reading> session = [];
            foreach (var s in device.OrderBy(s => s.Time).ThenBy(s => s.Place))
            {
                if (session.Count > 0 && s.Time - session[^1].At.UtcTicks > Gap)
                {
                    Add(device.Key, session);
                    session = [];
                }

                session.Add(s.Reading);
            }

            Add(device.Key, session);
        }

        var tables = Machine.Run(GoldenJobs.OrderedSessions, sequence, 2, () => 7);

        Assert.Contains(expected, session => session.Total.Count > 1);
        Assert.Equal(
            Expected.Lines(expected.Select(session => Expected.Line(session.Device, session.First, session.Last + Gap)
                + " " + Expected.Line(session.Total) + " " + (end > session.Last + Gap))),
            Expected.Lines(tables.Rows("sessions")));

        // What flows on is final, at the session's end, and counted once in the windows it came out of (rule T6).
        Assert.Equal(
            Expected.Lines(expected.Where(session => end > session.Last + Gap)
                .GroupBy(session => (session.Total.Count, session.First, End: session.Last + Gap))
                .Select(group => Expected.Line(
                    group.Key.Count, group.Key.First, group.Key.End, group.Count(), end > group.Key.End))),
            Expected.Lines(tables.Rows("alike")));
        Assert.Equal(seen.Count(s => s.Time < s.Before), tables.Rows("ordered-sessions.late").Count);

        void Add(string device, List<Reading> session) => expected.Add((
            device, session[0].At.UtcTicks, session[^1].At.UtcTicks, Oracle.Fold(session)));
    }

    [Theory]
    [InlineData(2_000, 1)]
    [InlineData(2_001, 2)]
    public void A_value_the_gap_behind_belongs_to_the_session_and_a_millisecond_more_does_not_O1(
        int milliseconds, int sessions)
    {
        var sequence = Fixed.Of(Sequence.Origin, Sequence.Origin.AddMilliseconds(milliseconds));

        Assert.Equal(sessions, Machine.Straight(GoldenJobs.Sessions, sequence).Rows("sessions").Count);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void A_session_takes_its_last_value_while_the_watermark_is_not_beyond_its_end_T4_T5(int ticks, bool isIn)
    {
        // The session of "a" is closed beyond 7 s; "b" brings the watermark there, 30 s behind its time.
        var end = Sequence.Origin + GoldenJobs.Gap + GoldenJobs.SessionGrace;
        var sequence = Fixed.Of(
            ("a", Sequence.Origin), ("b", end.AddSeconds(30).AddTicks(ticks)), ("a", Sequence.Origin));
        var tables = Machine.Straight(GoldenJobs.Sessions, sequence);

        Assert.Equal(isIn ? 0 : 1, tables.Rows("sessions.late").Count);
        Assert.Equal(isIn ? 2L : 1L, tables.Rows("sessions").Single(row => (string)row[0]! == "a")[3]);
    }

    [Fact]
    public void A_late_value_between_two_sessions_makes_them_one_and_takes_both_rows_away_O1_T9()
    {
        var at = Sequence.Origin;
        var apart = Fixed.Of(("a", at.AddSeconds(4)), ("a", at), ("a", at.AddSeconds(-9)));
        var joined = Fixed.Of(
            ("a", at.AddSeconds(4)), ("a", at), ("a", at.AddSeconds(-9)), ("a", at.AddSeconds(2)));

        Assert.Equal(3, Machine.Straight(GoldenJobs.Sessions, apart).Rows("sessions").Count);
        var row = Machine.Straight(GoldenJobs.Sessions, joined).Rows("sessions")[1];

        // Sequence numbers 0 (at 4 s) and 1 (at 0 s): the earlier session's state comes first, then the value 3.
        var expected = Visit.None.Add(Read(1)).Merge(Visit.None.Add(Read(0))).Add(Read(3));
        Assert.Equal(
            Expected.Line("a", at, at.AddSeconds(6), expected.Count, expected.Sum, expected.Trace, false),
            Expected.Line(row));

        static Reading Read(long seq) => new("a", default, seq, 0);
    }

    /// <summary>Every session as a list, looked through whole for each reading.</summary>
    private static (List<Session> Sessions, int Late) Brute(Sequence sequence)
    {
        var grace = GoldenJobs.SessionGrace.Ticks;
        var (seen, _) = Oracle.Watermarks(sequence, false);
        var sessions = new List<Session>();
        var late = 0;
        foreach (var s in seen)
        {
            var joined = sessions.Where(session => session.Device == s.Reading.Device
                && s.Before <= session.Last + Gap + grace
                && session.Times.Any(time => Math.Abs(time - s.Time) <= Gap))
                .OrderBy(session => session.First).ToList();
            var merged = new Session(
                s.Reading.Device, [.. joined.SelectMany(session => session.Times), s.Time],
                (joined.Count == 0 ? Visit.None
                    : joined.Select(session => session.Visit).Aggregate((left, right) => left.Merge(right)))
                    .Add(s.Reading),
                joined.Sum(session => session.Merges) + Math.Max(0, joined.Count - 1));
            if (s.Before > merged.Last + Gap + grace)
            {
                late++;
                continue;
            }

            sessions.RemoveAll(joined.Contains);
            sessions.Add(merged);
        }

        return (sessions, late);
    }

    private sealed record Session(string Device, List<long> Times, Visit Visit, int Merges)
    {
        public long First => Times.Min();

        public long Last => Times.Max();
    }
}
