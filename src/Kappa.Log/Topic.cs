namespace Kappa.Log;

/// <summary>A topic as it was when asked for.</summary>
/// <param name="Name">Its name (see <see cref="Names"/>).</param>
/// <param name="Partitions">How many partitions it has, 1 to 1 024.</param>
/// <param name="IsComplete">Appends are refused and its sources' watermarks are infinite (rule L6).</param>
/// <param name="EndOffsets">For every partition the offset of the next record.</param>
public sealed record Topic(string Name, int Partitions, bool IsComplete, IReadOnlyList<long> EndOffsets)
{
    /// <summary>How many records it holds over all partitions.</summary>
    public long Records => EndOffsets.Sum();

    /// <summary>Is it one of the platform's own topics?</summary>
    public bool IsPlatforms => Names.IsPlatforms(Name);

    /// <summary>Is it what one version of a job says (rule E1)?</summary>
    public bool IsDerived => Names.IsDerived(Name);
}

/// <summary>A change of a topic.</summary>
/// <param name="Name">The topic changed.</param>
public abstract record TopicChange(string Name);

/// <summary>Creates a topic; a topic that exists with the same settings stays as it is.</summary>
/// <param name="Name">The new topic.</param>
/// <param name="Partitions">1 to 1 024; fixed for ever.</param>
public sealed record CreateTopic(string Name, int Partitions = 1) : TopicChange(Name);

/// <summary>
/// Ends a topic (rule L6): appends a clock record that names it; later appends are refused. Repeating it does
/// nothing.
/// </summary>
/// <param name="Name">The topic to complete.</param>
public sealed record CompleteTopic(string Name) : TopicChange(Name);

/// <summary>
/// Deletes a derived topic with all its records (rule V8); readers of it are told so. A topic that is not there is
/// deleted already. Any other topic is refused.
/// </summary>
/// <param name="Name">The topic to delete.</param>
public sealed record DropTopic(string Name) : TopicChange(Name);
