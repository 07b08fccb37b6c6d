using Kappa.Log;
using Xunit;

namespace Kappa.Streams.Tests;

/// <summary>Quiet and settling sources against the rule said once more, batch by batch (rule T2).</summary>
public sealed class QuietTests
{
    private static readonly long Quiet = TimeSpan.FromMicroseconds(700).Ticks;
    private static readonly long Settle = TimeSpan.FromMilliseconds(2).Ticks;
    private static readonly long Lateness = TimeSpan.FromSeconds(30).Ticks;

    [Fact]
    public void Windows_of_a_quiet_and_settling_source_close_where_the_rule_says_T2()
    {
        var sawQuiet = false;
        var sawSettling = false;
        for (var seed = 60; seed < 80; seed++)
        {
            var sequence = Sequence.Random(seed, 800, 2, complete: false);
            var tables = Machine.Run(StreamJobs.Quiet, sequence, 3, () => 4);
            var (expected, late, end) = Expected(sequence, ref sawQuiet, ref sawSettling);
            Assert.Equal(
                expected.Select(window => (window.Key.Device, window.Value.Count, window.Value.Trace,
                    IsFinal: window.Key.End <= end)).OrderBy(row => row.ToString(), StringComparer.Ordinal),
                tables.Rows("minutes").Select(row => ((string)row[0]!, (long)row[3]!, (long)row[6]!, (bool)row[7]!))
                    .OrderBy(row => row.ToString(), StringComparer.Ordinal));
            Assert.Equal(
                late, tables.Rows("quiet.late").Count(row => row[2]!.ToString()!.EndsWith(
                    "Aggregate", StringComparison.Ordinal)));
        }

        Assert.True(sawQuiet && sawSettling);
    }

    private static (Dictionary<(string Device, long End), Total> Windows, int Late, long End) Expected(
        Sequence sequence, ref bool sawQuiet, ref bool sawSettling)
    {
        var windows = new Dictionary<(string, long), Total>();
        long watermark = long.MinValue, highest = long.MinValue, active = long.MinValue, settled = long.MinValue;
        var (next, late) = (0, 0);
        foreach (var batch in sequence.Batches)
        {
            for (var index = 0; index < batch.Count; index++)
            {
                var before = watermark;
                if (batch.Topic == Names.Clock)
                {
                    if (ClockOf(batch).Kind == ClockKind.Opened)
                    {
                        (active, settled) = (batch.LogTime, batch.LogTime + Settle);
                    }
                }
                else
                {
                    var reading = sequence.Readings[next++].Reading;
                    active = batch.LogTime;
                    highest = Math.Max(highest, Math.Min(reading.At.UtcTicks, batch.LogTime) - Lateness);
                    var end = reading.At.UtcTicks - ((reading.At.UtcTicks - DateTime.UnixEpoch.Ticks)
                        % TimeSpan.TicksPerMinute) + TimeSpan.TicksPerMinute;
                    if (end <= before)
                    {
                        late++;
                    }
                    else
                    {
                        windows[(reading.Device, end)] =
                            windows.GetValueOrDefault((reading.Device, end), Total.None).Add(reading);
                    }
                }

                if (active != long.MinValue && batch.LogTime - active >= Quiet)
                {
                    highest = Math.Max(highest, batch.LogTime - Lateness);
                    sawQuiet = true;
                }

                sawSettling |= batch.LogTime < settled && highest > watermark;
                watermark = batch.LogTime >= settled ? Math.Max(watermark, highest) : watermark;
            }
        }

        return (windows, late, watermark);
    }

    private static ClockRecord ClockOf(RecordBatch batch)
    {
        foreach (var record in batch)
        {
            return ClockRecord.Parse(record.Value);
        }

        throw new InvalidOperationException("A batch without a record.");
    }
}
