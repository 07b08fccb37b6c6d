using System.Text.Json;
using Kappa.Log;

namespace Kappa.Server.Mirrors;

/// <summary>
/// Mirrors in the data folder (docs/formats/archive.md): <c>name.json</c> is what an operator asked for,
/// <c>name.heads</c> what was written to the archive last.
/// </summary>
internal sealed class MirrorFiles(DataFolder folder)
{
    private const string Setting = ".json";
    private const string Heads = ".heads";

    public IReadOnlyList<MirrorSetting> ReadAll() =>
        [.. folder.Files.List(folder.Mirrors)
            .Where(name => name.EndsWith(Setting, StringComparison.Ordinal))
            .Select(name => Read<MirrorSetting>(Path.Combine(folder.Mirrors, name)))];

    public IReadOnlyList<ArchiveHead> ReadHeads(string name) =>
        folder.Files.Exists(PathOf(name, Heads)) ? Read<ArchiveHead[]>(PathOf(name, Heads)) : [];

    public void Write(MirrorSetting setting) => Write(setting.Name, Setting, setting);

    public void WriteHeads(string name, IReadOnlyList<ArchiveHead> heads) => Write(name, Heads, heads);

    /// <summary>Deletes both, the setting first: heads without one are found by nobody.</summary>
    public void Delete(string name)
    {
        folder.Files.Delete(PathOf(name, Setting));
        folder.Files.SyncFolder(folder.Mirrors);
        folder.Files.Delete(PathOf(name, Heads));
        folder.Files.SyncFolder(folder.Mirrors);
    }

    private T Read<T>(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(AtomicFile.Read(folder.Files, path), JsonSerializerOptions.Web)
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
        folder.Files, PathOf(name, ending), JsonSerializer.SerializeToUtf8Bytes(content, JsonSerializerOptions.Web));

    private string PathOf(string name, string ending) => Path.Combine(folder.Mirrors, name + ending);
}
