using System.Globalization;

namespace Kappa.Log;

/// <summary>How an embedded log is kept. Every option but the folder has a default.</summary>
public sealed record LogOptions
{
    private static readonly DiskFileSystem ThisDisk = DiskFileSystem.ForThisPlatform();

    /// <summary>The folder of this log alone; created when missing.</summary>
    public required string Folder { get; init; }

    /// <summary>
    /// Where typed twins of sealed segments are kept (rule L11), a cache that may be deleted at any time; default none.
    /// </summary>
    public string? ProjectionFolder { get; init; }

    /// <summary>
    /// Where segments fetched from archives are kept while they are read; default <c>fetched</c> in the folder of the
    /// log. Emptied on opening.
    /// </summary>
    public string? FetchFolder { get; init; }

    /// <summary>
    /// The fetched bytes that are kept when nobody reads them; default 1 GiB. What is being read comes on top.
    /// </summary>
    public long FetchedBytesMax { get; init; } = 1L << 30;

    /// <summary>
    /// The bytes of typed twins of segments that only archives have; default 16 GiB, 0 for none. Beyond it none is
    /// written, and the oldest go.
    /// </summary>
    public long ArchivedProjectionBytesMax { get; init; } = 16L << 30;

    /// <summary>The disk; default: the platform's.</summary>
    public IFileSystem Files { get; init; } = ThisDisk;

    /// <summary>The clock; default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The size a segment is closed at, in bytes; default 256 MiB, 64 KiB to 1 GiB.</summary>
    public long SegmentBytesMax { get; init; } = 256 << 20;

    /// <summary>
    /// How long after its first record a segment is closed, by log time; default 7 days, 1 min to 366 days. Only closed
    /// ones are archived, projected and removed.
    /// </summary>
    public TimeSpan SegmentAgeMax { get; init; } = TimeSpan.FromDays(7);

    /// <summary>The largest record, in encoded bytes; default 1 MiB, 1 KiB to 64 MiB.</summary>
    public int RecordBytesMax { get; init; } = 1 << 20;

    /// <summary>
    /// The encoded records put into one batch, in bytes; default 64 KiB, 1 KiB to 16 MiB. A larger record is a batch of
    /// its own.
    /// </summary>
    public int BatchBytesMax { get; init; } = 64 << 10;

    /// <summary>How long a request waits for others to share its sync; default none, at most 1 s.</summary>
    public TimeSpan LingerMax { get; init; } = TimeSpan.Zero;

    /// <summary>
    /// The encoded bytes that may wait to be written; default 64 MiB, 64 KiB to 1 GiB. When full, appends wait.
    /// </summary>
    public int QueueBytesMax { get; init; } = 64 << 20;

    /// <summary>
    /// How long a producer is remembered after its last request (rule L8); default 24 h, at least 1 s.
    /// </summary>
    public TimeSpan ProducerMemory { get; init; } = TimeSpan.FromHours(24);

    /// <summary>
    /// How many producers are remembered at most, the least recent forgotten first; default 1 000 000.
    /// </summary>
    public int ProducersMax { get; init; } = 1_000_000;

    /// <summary>How many of its last requests are remembered per producer; default 1 000, at least 1.</summary>
    public int RequestsKeptPerProducer { get; init; } = 1_000;

    /// <summary>
    /// Log time never passes longer than this without a clock record (rule L5); default 1 min, 1 s to 1 h.
    /// </summary>
    public TimeSpan ClockInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Throws for the first option out of its range.</summary>
    /// <exception cref="KappaException">An option is out of its range.</exception>
    public void Check()
    {
        if (string.IsNullOrWhiteSpace(Folder))
        {
            throw new KappaException(
                ErrorKind.Invalid, "The option Folder is empty: a log needs a folder.", "Name a folder for the log.");
        }

        Within(nameof(SegmentBytesMax), SegmentBytesMax, 64 << 10, 1 << 30, "bytes");
        Within(nameof(SegmentAgeMax), (long)SegmentAgeMax.TotalSeconds, 60, 366L * 86_400, "s");
        Within(nameof(RecordBytesMax), RecordBytesMax, 1 << 10, 64 << 20, "bytes");
        Within(nameof(BatchBytesMax), BatchBytesMax, 1 << 10, 16 << 20, "bytes");
        Within(nameof(QueueBytesMax), QueueBytesMax, 64 << 10, 1 << 30, "bytes");
        Within(nameof(LingerMax), (long)LingerMax.TotalMicroseconds, 0, 1_000_000, "µs");
        Within(nameof(ProducerMemory), (long)ProducerMemory.TotalSeconds, 1, 366L * 86_400, "s");
        Within(nameof(ProducersMax), ProducersMax, 1, 100_000_000, "producers");
        Within(nameof(RequestsKeptPerProducer), RequestsKeptPerProducer, 1, 1_000_000, "requests");
        Within(nameof(FetchedBytesMax), FetchedBytesMax, 0, 1L << 50, "bytes");
        Within(nameof(ArchivedProjectionBytesMax), ArchivedProjectionBytesMax, 0, 1L << 50, "bytes");
        Within(nameof(ClockInterval), (long)ClockInterval.TotalMilliseconds, 1_000, 3_600_000, "ms");
    }

    private static void Within(string option, long value, long lowest, long highest, string unit)
    {
        if (value < lowest || value > highest)
        {
            throw new KappaException(
                ErrorKind.Invalid,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The option {option} is {value} {unit}; allowed are {lowest} to {highest} {unit}."),
                $"Set {option} within that range, or leave it out for its default.");
        }
    }
}
