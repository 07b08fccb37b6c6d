using Kappa.Log;

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

    /// <summary>Does reading an event take more than its bytes in memory?</summary>
    bool NeedsDecoding { get; }

    /// <summary>How its topic is typed (rule L11).</summary>
    /// <exception cref="KappaException">Its events have no typed form.</exception>
    Projection Project();

    GeneralSegment BuildSegment(JobMachine machine);

    /// <summary>The same with what lies behind it as one loop, where its chain allows that.</summary>
    SourceSegment Fused(GeneralSegment plain, Topology topology, JobMachine machine);
}
