using System.Globalization;

namespace Kappa.Log;

/// <summary>How the batches of a topic are stored. Readers see no difference.</summary>
public enum Compression
{
    /// <summary>As they came.</summary>
    None,

    /// <summary>Compressed by Brotli where that makes them smaller.</summary>
    Brotli,
}

/// <summary>How a topic is kept. All of it can be changed later; what was written stays as it is.</summary>
public sealed record TopicSettings
{
    private static readonly TimeSpan RetainForMin = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RetainForMax = TimeSpan.FromDays(36_525);

    /// <summary>Everything is kept, as it came.</summary>
    public static readonly TopicSettings Default = new();

    /// <summary>How batches are stored; default as they came.</summary>
    public Compression Compression { get; init; }

    /// <summary>
    /// Retention (rule L9) by size: the oldest segments go while what stays has at least so many bytes; at least 1 MiB.
    /// Null, the default: for ever.
    /// </summary>
    public long? RetainBytes { get; init; }

    /// <summary>
    /// Retention (rule L9) by age: segments go whose last record is older, by log time; 1 minute to 100 years. Null,
    /// the default: for ever.
    /// </summary>
    public TimeSpan? RetainFor { get; init; }

    /// <summary>
    /// Records may go that no archive has: what they were, no replay can ever compute again. Needed once for a topic
    /// with retention and without an archive; default no.
    /// </summary>
    public bool LoseHistory { get; init; }

    /// <summary>Is anything ever removed?</summary>
    public bool HasRetention => RetainBytes is not null || RetainFor is not null;

    /// <summary>Throws for the first setting out of its range.</summary>
    /// <param name="topic">The topic it is for.</param>
    /// <exception cref="KappaException">A setting is out of its range.</exception>
    public void Check(string topic)
    {
        if (RetainBytes is < 1 << 20)
        {
            throw Wrong(
                topic, string.Create(CultureInfo.InvariantCulture, $"{RetainBytes} bytes; allowed are {1 << 20}"));
        }

        if (RetainFor is { } time && (time < RetainForMin || time > RetainForMax))
        {
            throw Wrong(topic, $"records for {time}; allowed are {RetainForMin} to {RetainForMax}");
        }

        if (!Enum.IsDefined(Compression))
        {
            throw new KappaException(
                ErrorKind.Invalid,
                $"Topic '{topic}' cannot be compressed by '{Compression}'; allowed are none, brotli.",
                "Choose one of these.");
        }
    }

    /// <summary>The settings in words: <c>compression brotli, retained for 30.00:00:00</c>.</summary>
    public override string ToString()
    {
        var words = new List<string> { Compression == Compression.None ? "not compressed" : "compressed by Brotli" };
        if (RetainFor is { } time)
        {
            words.Add($"retained for {time}");
        }

        if (RetainBytes is { } bytes)
        {
            words.Add(string.Create(CultureInfo.InvariantCulture, $"retained up to {bytes} bytes"));
        }

        words.Add(!HasRetention ? "kept for ever" : LoseHistory ? "history may be lost" : "what is archived may go");
        return string.Join(", ", words);
    }

    private static KappaException Wrong(string topic, string what) => new(
        ErrorKind.Invalid, $"Topic '{topic}' cannot retain {what}.", "Choose a value in that range, or leave it out.");
}
