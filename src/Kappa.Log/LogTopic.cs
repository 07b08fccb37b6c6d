namespace Kappa.Log;

/// <summary>A topic of an open log.</summary>
internal sealed class LogTopic(
    int id, string name, IReadOnlyList<Partition> partitions, bool isComplete, TopicSettings settings)
{
    private int _round;
    private volatile bool _isComplete = isComplete;
    private volatile TopicSettings _settings = settings;

    public int Id { get; } = id;

    public string Name { get; } = name;

    public Partition[] Partitions { get; } = [.. partitions];

    /// <summary>Appends are refused (rule L6).</summary>
    public bool IsComplete
    {
        get => _isComplete;
        set => _isComplete = value;
    }

    public TopicSettings Settings
    {
        get => _settings;
        set => _settings = value;
    }

    /// <summary>The record that completes it is in the group being written; the committer's own.</summary>
    public bool IsCompleting { get; set; }

    /// <summary>The earliest place it can be read from as a whole (rule L9).</summary>
    public Place Start => Partitions.Max(partition => partition.StartStamp) is var stamp and > 0
        ? Place.EndOf(stamp) : Place.Start;

    public Topic ToTopic() => new(
        Name, Partitions.Length, IsComplete, Array.ConvertAll(Partitions, partition => partition.EndOffset))
    {
        StartOffsets = Array.ConvertAll(Partitions, partition => partition.StartOffset),
        Start = Start,
        Stopped = Partitions.Select(partition => (partition.Number, partition.Stopped?.Why))
            .Where(one => one.Why is not null).ToDictionary(one => one.Number, one => one.Why!),
        Settings = Settings,
    };

    /// <summary>The partition for the keyless records of a request without a number: one after the other.</summary>
    public int NextRound() => (Interlocked.Increment(ref _round) & int.MaxValue) % Partitions.Length;
}
