using Kappa.Streams;

namespace Kappa.Golden.Tests.Rules;

/// <summary>A count and a sum that shows the order of addition.</summary>
public sealed record Tally(long Count, string Order)
{
    public static readonly Tally None = new(0, "");

    public Tally Add(Event e) => new(Count + 1, Order + e.N);
}

/// <summary>The jobs of the examples: all called "r".</summary>
internal static class Examples
{
    public static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public static EventStream<Event> From(Flow flow, int lateness = 0, TimeSpan? maxAhead = null) => flow.From<Event>(
        "e", eventTime: e => e.At, lateness: TimeSpan.FromSeconds(lateness), maxAhead: maxAhead);

    /// <summary>Windows of a minute per key, in table "minutes".</summary>
    public static Job Minutes(int lateness = 0, int grace = 0, TimeSpan? maxAhead = null) => Job.Define("r", flow =>
        From(flow, lateness, maxAhead).KeyBy(e => e.Key)
            .Window(Window.Tumbling(Minute).Grace(TimeSpan.FromSeconds(grace)))
            .Aggregate(Tally.None, (tally, e) => tally.Add(e)).ToTable("minutes"));

    /// <summary>What a process says of each key, in one text in the order in which it arrives: table "trace".</summary>
    public static Job Trace<TState>(Func<Process<string, Event, TState, string>> process, int lateness = 0) =>
        Job.Define("r", flow => TraceOf(From(flow, lateness).KeyBy(e => e.Key).Process(process())));

    public static void TraceOf(EventStream<string> said, string table = "trace") => said
        .KeyBy(_ => "all").Aggregate("", (trace, one) => trace + one + ";").ToTable(table);
}

/// <summary>Says each record, sets a timer N seconds behind those with a tag, and says the timers.</summary>
internal sealed class Speaker : Process<string, Event, long, string>
{
    public override void OnRecord(ProcessContext<string> context, string key, ref long state, Event value)
    {
        state++;
        context.Emit(value.Tag + value.N);
        if (value.Tag is "set" or "throw")
        {
            context.SetTimer(value.At.AddSeconds(value.N));
        }

        if (value.Tag == "clear")
        {
            context.ClearTimer(value.At.AddSeconds(value.N));
        }

        if (value.Tag == "count")
        {
            context.Emit("count" + state);
        }

        if (value.Tag == "throw")
        {
            throw new InvalidOperationException("thirteen");
        }
    }

    public override void OnTimer(ProcessContext<string> context, string key, ref long state, DateTimeOffset due)
    {
        context.Emit(FormattableString.Invariant($"{key}@{due:HH:mm:ss}"));
        context.SetTimer(due.AddHours(1));
    }
}
