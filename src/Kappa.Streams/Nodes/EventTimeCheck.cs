namespace Kappa.Streams.Nodes;

/// <summary>Refuses operators that wait for a watermark where none will ever come.</summary>
internal static class EventTimeCheck
{
    /// <summary>Throws where what comes in has no event time, or waits for ever.</summary>
    /// <param name="node">The operator.</param>
    /// <param name="does">What it does with event time, as in "goes by event time".</param>
    /// <param name="mayWait">It can do its work on a stream without a watermark.</param>
    public static void Requires(Node node, string does, bool mayWait = false)
    {
        var time = node.TimeIn;
        if (!time.HasEventTime)
        {
            throw node.Flow.Wrong(
                $"{node.Label} {does}, but topic '{node.Source.Topic}' was read without an event time.",
                "Give From an eventTime, for example eventTime: order => order.PlacedAt.");
        }

        if (time.IsUnbounded && !mayWait)
        {
            throw node.Flow.Wrong(
                $"{node.Label} {does}, but its stream waits for ever: it was re-timed with Lateness.Unbounded.",
                "Give EventTime a lateness, for example TimeSpan.FromDays(1), or feed windows of it into tables only.");
        }
    }
}
