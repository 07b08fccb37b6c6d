namespace Kappa.Streams.Runtime;

/// <summary>Where a topic enters a job.</summary>
internal interface ISourceNode
{
    int Id { get; }

    string Topic { get; }

    bool HasEventTime { get; }

    SourceTiming Timing { get; }

    SourceSegment BuildSegment(JobMachine machine);
}
