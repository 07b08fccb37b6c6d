using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Kappa.Log;

/// <summary>A topic as the manifest keeps it. Folders are named by the id, never by the name.</summary>
internal sealed record ManifestTopic(int Id, string Name, int Partitions, TopicEnding Ending)
{
    public TopicSettings Settings { get; init; } = TopicSettings.Default;

    /// <summary>Where partitions begin of which retention removed something (rule L9).</summary>
    public IReadOnlyList<PartitionStart> Starts { get; init; } = [];
}

/// <summary>
/// The first segment a partition has, the offset it begins with, and the stamp of the last batch before it. What is
/// before was removed, or is to be deleted; a later one that is missing is damage.
/// </summary>
internal readonly record struct PartitionStart(int Partition, int Segment, long Offset, long Stamp)
{
    /// <summary>Of a partition that nothing was removed from.</summary>
    public static PartitionStart Whole(int partition) => new(partition, 1, 0, 0);
}

/// <summary>How far the completion of a topic (rule L6) has come.</summary>
internal enum TopicEnding
{
    None,

    /// <summary>Asked for; it holds if the clock's record is in the log.</summary>
    Asked,

    Complete,

    /// <summary>Its files are being deleted; it is no topic any more.</summary>
    Dropped,
}

/// <summary>What <c>log.json</c> says (docs/formats/manifest.md): the log's id and its topics.</summary>
internal sealed record Manifest(LogId Id, IReadOnlyList<ManifestTopic> Topics)
{
    public const string FileName = "log.json";

    /// <summary>What is written. 1, which has no settings and no starts, is read too, and raised on opening.</summary>
    public const int FormatVersion = 2;

    /// <summary>The format it was read in.</summary>
    public int Format { get; init; } = FormatVersion;

    /// <summary>The id of the next topic: those of dropped ones are never used again.</summary>
    public int NextId { get; init; } = Topics.Max(topic => topic.Id) + 1;

    /// <summary>Reads the manifest of a folder; null when there is none.</summary>
    /// <exception cref="KappaException">It is damaged, or of a format this Kappa does not know.</exception>
    public static Manifest? Read(IFileSystem files, string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (AtomicFile.Read(files, path) is not { } bytes)
        {
            return null;
        }

        try
        {
            using var json = JsonDocument.Parse(bytes);
            var root = json.RootElement;
            var format = root.GetProperty("format").GetInt32();
            if (format is < 1 or > FormatVersion)
            {
                throw new KappaException(
                    ErrorKind.Invalid,
                    $"'{path}' has format {format}; this Kappa reads 1 to {FormatVersion}. Nothing was changed.",
                    "Open it with the Kappa version that wrote it.");
            }

            var log = root.GetProperty("log");
            var crc = Crc32C.Of(System.Text.Encoding.UTF8.GetBytes(log.GetRawText()));
            if (root.GetProperty("crc32c").GetString() != Hex(crc))
            {
                throw Damaged(path, "its checksum does not match", null);
            }

            var manifest = new Manifest(
                new LogId(Guid.ParseExact(log.GetProperty("id").GetString()!, "N")),
                [.. log.GetProperty("topics").EnumerateArray().Select(ReadTopic)])
            {
                Format = format,
            };
            return log.TryGetProperty("nextId", out var next) ? manifest with { NextId = next.GetInt32() } : manifest;
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException or ArgumentException)
        {
            throw Damaged(path, wrong.Message, wrong);
        }
    }

    /// <summary>Replaces the manifest; returns when that is durable.</summary>
    public void Write(IFileSystem files, string folder)
    {
        var log = Json(json =>
        {
            json.WriteStartObject();
            json.WriteString("id", Id.ToString());
            json.WriteNumber("nextId", NextId);
            json.WriteStartArray("topics");
            foreach (var topic in Topics)
            {
                json.WriteStartObject();
                json.WriteNumber("id", topic.Id);
                json.WriteString("name", topic.Name);
                json.WriteNumber("partitions", topic.Partitions);
                json.WriteString("ending", topic.Ending switch
                {
                    TopicEnding.None => "none",
                    TopicEnding.Asked => "asked",
                    TopicEnding.Dropped => "dropped",
                    _ => "complete",
                });
                WriteSettings(json, topic.Settings);
                WriteStarts(json, topic.Starts);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
        var whole = Json(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("format", FormatVersion);
            json.WriteString("crc32c", Hex(Crc32C.Of(log)));
            json.WritePropertyName("log");
            json.WriteRawValue(log);
            json.WriteEndObject();
        });
        AtomicFile.Write(files, Path.Combine(folder, FileName), whole);
    }

    /// <summary>Where a partition begins.</summary>
    public PartitionStart StartOf(int topicId, int partition) => Topics
        .Where(topic => topic.Id == topicId).SelectMany(topic => topic.Starts)
        .Where(start => start.Partition == partition)
        .DefaultIfEmpty(PartitionStart.Whole(partition)).First();

    /// <summary>The folder of a partition inside the log's folder.</summary>
    public static string PartitionFolder(string folder, int topicId, int partition) => Path.Combine(
        folder, "topics", topicId.ToString("D6", CultureInfo.InvariantCulture),
        partition.ToString("D4", CultureInfo.InvariantCulture));

    private static ManifestTopic ReadTopic(JsonElement topic) => new(
        topic.GetProperty("id").GetInt32(),
        topic.GetProperty("name").GetString()!,
        topic.GetProperty("partitions").GetInt32(),
        Enum.Parse<TopicEnding>(topic.GetProperty("ending").GetString()!, ignoreCase: true))
    {
        Settings = new TopicSettings
        {
            Compression = topic.TryGetProperty("compression", out var compression)
                ? Enum.Parse<Compression>(compression.GetString()!, ignoreCase: true) : Compression.None,
            RetainBytes = topic.TryGetProperty("retainBytes", out var bytes) ? bytes.GetInt64() : null,
            RetainFor = topic.TryGetProperty("retainSeconds", out var seconds)
                ? TimeSpan.FromSeconds(seconds.GetInt64()) : null,
            LoseHistory = topic.TryGetProperty("loseHistory", out var lose) && lose.GetBoolean(),
        },
        Starts = topic.TryGetProperty("starts", out var starts)
            ? [.. starts.EnumerateArray().Select(start => new PartitionStart(
                start.GetProperty("partition").GetInt32(), start.GetProperty("segment").GetInt32(),
                start.GetProperty("offset").GetInt64(), start.GetProperty("stamp").GetInt64()))]
            : [],
    };

    private static void WriteSettings(Utf8JsonWriter json, TopicSettings settings)
    {
        if (settings.Compression == Compression.Brotli)
        {
            json.WriteString("compression", "brotli");
        }

        if (settings.RetainBytes is { } bytes)
        {
            json.WriteNumber("retainBytes", bytes);
        }

        if (settings.RetainFor is { } time)
        {
            json.WriteNumber("retainSeconds", (long)time.TotalSeconds);
        }

        if (settings.LoseHistory)
        {
            json.WriteBoolean("loseHistory", true);
        }
    }

    private static void WriteStarts(Utf8JsonWriter json, IReadOnlyList<PartitionStart> starts)
    {
        if (starts.Count == 0)
        {
            return;
        }

        json.WriteStartArray("starts");
        foreach (var start in starts)
        {
            json.WriteStartObject();
            json.WriteNumber("partition", start.Partition);
            json.WriteNumber("segment", start.Segment);
            json.WriteNumber("offset", start.Offset);
            json.WriteNumber("stamp", start.Stamp);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Hex(uint crc) => crc.ToString("x8", CultureInfo.InvariantCulture);

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        var into = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(into))
        {
            write(json);
        }

        return into.WrittenSpan.ToArray();
    }

    private static KappaException Damaged(string path, string why, Exception? inner) => new(
        ErrorKind.Corrupt,
        $"'{path}' is damaged: {why}",
        "Restore that file from a backup; the records are not touched.",
        inner);
}
