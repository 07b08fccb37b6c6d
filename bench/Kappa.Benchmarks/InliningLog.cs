using System.Diagnostics.Tracing;

namespace Kappa.Benchmarks;

/// <summary>Says which calls the compiler did not inline, and why: for whoever tunes a loop.</summary>
internal sealed class InliningLog : EventListener
{
    private const EventKeywords JitTracing = (EventKeywords)0x1000;

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Microsoft-Windows-DotNETRuntime")
        {
            EnableEvents(eventSource, EventLevel.Verbose, JitTracing);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName == "MethodJitInliningFailed" && eventData.Payload is { } payload
            && payload[0] is string owner && owner.Contains("FusedSegment", StringComparison.Ordinal))
        {
            Console.WriteLine($"{payload[1]}: {payload[6]}.{payload[7]} in {payload[4]}: {payload[10]}");
        }
    }
}
