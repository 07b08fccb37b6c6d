using System.Globalization;
using System.Text.Json;

namespace Kappa.Log.Archives;

/// <summary>Whose archive it is: the object <c>topic/topic.json</c>, written before anything else.</summary>
/// <param name="Log">The log the topic is in.</param>
/// <param name="Topic">The topic.</param>
/// <param name="TopicId">Its id in that log.</param>
/// <param name="Partitions">How many partitions it has.</param>
/// <param name="Mirror">The one mirror that writes here.</param>
internal sealed record ArchiveOwner(LogId Log, string Topic, int TopicId, int Partitions, Guid Mirror)
{
    public static string ObjectName(string topic) => topic + "/topic.json";

    public static string FolderOf(string topic, int partition) =>
        topic + "/" + partition.ToString("D4", CultureInfo.InvariantCulture);

    public byte[] ToBytes() => ArchiveLines.Join(
        [ArchiveLines.Line(json =>
        {
            json.WriteNumber("format", ArchiveLines.Format);
            json.WriteString("log", Log.ToString());
            json.WriteString("topic", Topic);
            json.WriteNumber("topicId", TopicId);
            json.WriteNumber("partitions", Partitions);
            json.WriteString("mirror", Mirror.ToString("N"));
        })],
        0);

    /// <exception cref="KappaException">It was changed, or is of a format this Kappa does not know.</exception>
    public static ArchiveOwner Parse(byte[] bytes, string store, string topic)
    {
        var name = $"{store}/{ObjectName(topic)}";
        var (lines, _, _, _) = ArchiveLines.Split(bytes, name);
        try
        {
            var line = lines[0];
            CheckFormat(line, name);
            var owner = new ArchiveOwner(
                new LogId(Guid.ParseExact(line.GetProperty("log").GetString()!, "N")),
                line.GetProperty("topic").GetString()!,
                line.GetProperty("topicId").GetInt32(),
                line.GetProperty("partitions").GetInt32(),
                Guid.ParseExact(line.GetProperty("mirror").GetString()!, "N"));
            return owner.Topic == topic
                ? owner
                : throw ArchiveLines.Damage(name, 1, $"it is of topic '{owner.Topic}'");
        }
        catch (Exception wrong) when (wrong is KeyNotFoundException or InvalidOperationException or FormatException
            or ArgumentOutOfRangeException)
        {
            throw ArchiveLines.Damage(name, 1, wrong.Message, wrong);
        }
    }

    public static void CheckFormat(JsonElement line, string name)
    {
        var format = line.GetProperty("format").GetInt32();
        if (format != ArchiveLines.Format)
        {
            throw new KappaException(
                ErrorKind.Invalid, $"'{name}' has format {format}; this Kappa reads and writes {ArchiveLines.Format}.",
                "Read it with the Kappa version that wrote it.");
        }
    }
}
