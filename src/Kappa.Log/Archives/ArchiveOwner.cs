using System.Globalization;
using System.Text.Json;

namespace Kappa.Log.Archives;

/// <summary>Whose archive it is: the object <c>topic/topic.json</c>, written before anything else.</summary>
/// <param name="Log">The log the topic is in.</param>
/// <param name="Topic">The topic.</param>
/// <param name="TopicId">Its id in that log.</param>
/// <param name="Partitions">How many partitions it has.</param>
/// <param name="Mirror">The one mirror that writes here.</param>
/// <param name="Format">The archive's format.</param>
internal sealed record ArchiveOwner(
    LogId Log, string Topic, int TopicId, int Partitions, Guid Mirror, int Format = ArchiveOwner.FormatVersion)
{
    /// <summary>
    /// What is written; 1, in which no segment was ever written again, is read too, and goes on as it is until one is.
    /// </summary>
    public const int FormatVersion = 2;

    public static string ObjectName(string topic) => topic + "/topic.json";

    public static string FolderOf(string topic, int partition) =>
        topic + "/" + partition.ToString("D4", CultureInfo.InvariantCulture);

    public byte[] ToBytes() => HashedLines.Join(
        [HashedLines.Line(json =>
        {
            json.WriteNumber("format", Format);
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
        var (lines, _, _, _) = HashedLines.Split(bytes, name);
        try
        {
            var line = lines[0];
            var format = CheckFormat(line, name);
            var owner = new ArchiveOwner(
                new LogId(Guid.ParseExact(line.GetProperty("log").GetString()!, "N")),
                line.GetProperty("topic").GetString()!,
                line.GetProperty("topicId").GetInt32(),
                line.GetProperty("partitions").GetInt32(),
                Guid.ParseExact(line.GetProperty("mirror").GetString()!, "N"),
                format);
            return owner.Topic == topic
                ? owner
                : throw HashedLines.Damage(name, 1, $"it is of topic '{owner.Topic}'");
        }
        catch (Exception wrong) when (wrong is KeyNotFoundException or InvalidOperationException or FormatException
            or ArgumentOutOfRangeException)
        {
            throw HashedLines.Damage(name, 1, wrong.Message, wrong);
        }
    }

    public static int CheckFormat(JsonElement line, string name)
    {
        var format = line.GetProperty("format").GetInt32();
        return format is >= 1 and <= FormatVersion ? format : throw new KappaException(
            ErrorKind.Invalid, $"'{name}' has format {format}; this Kappa reads 1 to {FormatVersion}.",
            "Read it with the Kappa version that wrote it.");
    }
}
