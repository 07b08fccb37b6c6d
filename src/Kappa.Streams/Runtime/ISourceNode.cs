namespace Kappa.Streams.Runtime;

/// <summary>Where a topic enters a job.</summary>
internal interface ISourceNode
{
    int Id { get; }

    string Topic { get; }

    bool HasEventTime { get; }

    SourceTiming Timing { get; }

    /// <summary>It is read up to a place before everything else (rule O3).</summary>
    bool IsPreloaded { get; set; }

    SourceSegment BuildSegment(JobMachine machine);

    /// <summary>The same with what lies behind it as one loop, where its chain allows that.</summary>
    SourceSegment Fused(SourceSegment plain, Topology topology, JobMachine machine);
}
