using System.Text.Json;
using Kappa.Log;

namespace Kappa.Server.Mirrors;

/// <summary>
/// Mirrors in the data folder (docs/formats/archive.md): <c>name.json</c> is what an operator asked for,
/// <c>name.heads</c> what was written to the archive last.
/// </summary>
/// <param name="files">The disk.</param>
/// <param name="folder">Their folder.</param>
internal sealed class MirrorFiles(IFileSystem files, string folder)
{
    private const string Setting = ".json";
    private const string Heads = ".heads";

    public IReadOnlyList<MirrorSetting> ReadAll() =>
        [.. files.List(folder)
            .Where(name => name.EndsWith(Setting, StringComparison.Ordinal))
            .Select(name => Read<MirrorSetting>(Path.Combine(folder, name)))];

    /// <summary>
    /// Puts the mirrors of topics that are in a copy of the log into a backup, as mirrors of the log it is taken from.
    /// Those that are of an earlier log stay so.
    /// </summary>
    /// <param name="copy">The copy; made before, so that archives have all that it has not.</param>
    /// <param name="write">Takes the name of a file in the backup, and its content.</param>
    public void BackUp(LogCopy copy, Action<string, byte[]> write)
    {
        foreach (var setting in ReadAll())
        {
            if (copy.Topics.FirstOrDefault(topic => topic.Name == setting.Topic) is { } topic)
            {
                var origin = setting.Origin ?? new MirrorOrigin(copy.Log.ToString(), topic.FirstSegments);
                write(setting.Name + Setting, ToBytes(setting with { Origin = origin }));
                write(setting.Name + Heads, ToBytes(ReadHeads(setting.Name)));
            }
        }
    }

    public IReadOnlyList<ArchiveHead> ReadHeads(string name) =>
        files.Exists(PathOf(name, Heads)) ? Read<ArchiveHead[]>(PathOf(name, Heads)) : [];

    public void Write(MirrorSetting setting) => Write(setting.Name, Setting, setting);

    public void WriteHeads(string name, IReadOnlyList<ArchiveHead> heads) => Write(name, Heads, heads);

    /// <summary>Deletes both, the setting first: heads without one are found by nobody.</summary>
    public void Delete(string name)
    {
        files.Delete(PathOf(name, Setting));
        files.SyncFolder(folder);
        files.Delete(PathOf(name, Heads));
        files.SyncFolder(folder);
    }

    private T Read<T>(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(AtomicFile.Read(files, path), JsonSerializerOptions.Web)
                ?? throw new JsonException("It is empty.");
        }
        catch (JsonException broken)
        {
            throw new KappaException(
                ErrorKind.Corrupt, $"The mirror '{path}' cannot be read: {broken.Message}",
                "Restore the file from a backup; or delete it, and mirror the topic again with --take-over.", broken);
        }
    }

    private void Write<T>(string name, string ending, T content) => AtomicFile.Write(
        files, PathOf(name, ending), ToBytes(content));

    private static byte[] ToBytes<T>(T content) =>
        JsonSerializer.SerializeToUtf8Bytes(content, JsonSerializerOptions.Web);

    private string PathOf(string name, string ending) => Path.Combine(folder, name + ending);
}
