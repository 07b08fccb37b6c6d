namespace Kappa.Log;

/// <summary>A topic as it was when asked for.</summary>
/// <param name="Name">Its name (see <see cref="Names"/>).</param>
/// <param name="Partitions">How many partitions it has, 1 to 1 024.</param>
/// <param name="IsComplete">Appends are refused and its sources' watermarks are infinite (rule L6).</param>
/// <param name="EndOffsets">For every partition the offset of the next record.</param>
public sealed record Topic(string Name, int Partitions, bool IsComplete, IReadOnlyList<long> EndOffsets)
{
    private static readonly IReadOnlyDictionary<int, KappaException> NoneStopped =
        new Dictionary<int, KappaException>();

    /// <summary>For every partition the offset of its first record; 0 until retention removed some (rule L9).</summary>
    public IReadOnlyList<long> StartOffsets { get; init; } = [.. EndOffsets.Select(_ => 0L)];

    /// <summary>
    /// The earliest place it can be read from as a whole; <see cref="Place.Start"/> until retention removed some.
    /// </summary>
    public Place Start { get; init; }

    /// <summary>
    /// The partitions that stand still, with the reason: the disk failed (rule L2), or a file is damaged or could not
    /// be read (rule L7). Appends to them are refused, and who reads the topic waits behind the last place before.
    /// </summary>
    public IReadOnlyDictionary<int, KappaException> Stopped { get; init; } = NoneStopped;

    /// <summary>How it is kept.</summary>
    public TopicSettings Settings { get; init; } = TopicSettings.Default;

    /// <summary>How many records it holds over all partitions.</summary>
    public long Records => EndOffsets.Sum() - StartOffsets.Sum();

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
/// <param name="Settings">
/// How it is kept; a topic that exists with others is refused. Null: the default, and one that exists as it is.
/// </param>
public sealed record CreateTopic(string Name, int Partitions = 1, TopicSettings? Settings = null) : TopicChange(Name);

/// <summary>Changes how a topic is kept from now on. The same again changes nothing.</summary>
/// <param name="Name">The topic; not one of the platform's own.</param>
/// <param name="Settings">All of its settings.</param>
public sealed record SetTopic(string Name, TopicSettings Settings) : TopicChange(Name);

/// <summary>
/// Deletes a topic of users with all its records, for ever; readers of it are told so. A topic that is not there is
/// deleted already. The name may be used again.
/// </summary>
/// <param name="Name">The topic; neither the platform's own nor a derived one (see <see cref="DropTopic"/>).</param>
public sealed record DeleteTopic(string Name) : TopicChange(Name);

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
