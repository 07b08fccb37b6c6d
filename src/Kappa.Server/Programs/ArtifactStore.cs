using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Kappa.Log;

namespace Kappa.Server.Programs;

/// <summary>
/// Published programs, kept as long as a version may run from them. An artifact is a folder named after the SHA-256 of
/// its sorted list of files; its list, <c>artifact.json</c>, is written last, so that a folder without it is none.
/// </summary>
internal sealed class ArtifactStore
{
    private const string ListName = "artifact.json";
    private readonly DataFolder _folder;
    private readonly Lock _writing = new();

    public ArtifactStore(DataFolder folder) => _folder = folder;

    /// <summary>Stores files; those stored before stay as they are.</summary>
    public Artifact Store(IReadOnlyList<ArtifactFile> files)
    {
        var listed = files
            .OrderBy(file => file.Name, StringComparer.Ordinal)
            .Select(file => new ListedFile(file.Name, file.Content.Length, Hash(file.Content))).ToList();
        var id = IdOf(listed);
        lock (_writing)
        {
            return Find(id) ?? Write(id, listed, files);
        }
    }

    /// <summary>The artifact of an id.</summary>
    /// <exception cref="KappaException">There is none, or it is damaged.</exception>
    public Artifact Get(string id) => Find(id) ?? throw new KappaException(
        ErrorKind.NotFound, $"There is no artifact '{Shown(id)}'.", "Upload it first: 'kappa deploy' does.");

    /// <summary>The artifact of an id, or null.</summary>
    public Artifact? Find(string id)
    {
        // Only a hash names a folder, so that no request reaches another one.
        if (id.Length != 64 || !id.All(char.IsAsciiHexDigitLower))
        {
            return null;
        }

        var folder = Path.Combine(_folder.Artifacts, id);
        var content = AtomicFile.Read(_folder.Files, Path.Combine(folder, ListName));
        if (content is null)
        {
            return null;
        }

        try
        {
            var files = JsonSerializer.Deserialize<List<ListedFile>>(content, JsonSerializerOptions.Web);
            return files is not null && IdOf(files) == id
                ? new Artifact(id, folder, [.. files.Select(file => file.Name)], files.Sum(file => file.Bytes))
                : throw new JsonException("Its list does not match its id.");
        }
        catch (JsonException broken)
        {
            throw new KappaException(
                ErrorKind.Corrupt, $"The artifact {id} is damaged: {broken.Message}",
                "Delete its folder and deploy the same program again.", broken);
        }
    }

    private Artifact Write(string id, List<ListedFile> listed, IReadOnlyList<ArtifactFile> files)
    {
        var disk = _folder.Files;
        var folder = Path.Combine(_folder.Artifacts, id);
        var folders = new HashSet<string>(StringComparer.Ordinal) { folder };
        foreach (var file in files)
        {
            var path = Path.Combine(folder, file.Name);
            var parent = Path.GetDirectoryName(path)!;
            disk.CreateFolder(parent);
            folders.Add(parent);
            disk.Delete(path);
            using (var opened = disk.Open(path, FileIntent.Create))
            {
                opened.Write(file.Content, 0);
                opened.Sync();
            }

            File.SetAttributes(path, File.GetAttributes(path) | FileAttributes.ReadOnly);
        }

        foreach (var made in folders)
        {
            disk.SyncFolder(made);
        }

        AtomicFile.Write(
            disk, Path.Combine(folder, ListName), JsonSerializer.SerializeToUtf8Bytes(listed, JsonSerializerOptions.Web));
        disk.SyncFolder(_folder.Artifacts);
        return Get(id);
    }

    private static string IdOf(IEnumerable<ListedFile> files)
    {
        var text = new StringBuilder();
        foreach (var file in files)
        {
            text.Append(CultureInfo.InvariantCulture, $"{file.Name}\0{file.Bytes}\0{file.Sha256}\n");
        }

        return Hash(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static string Shown(string id) => new([.. id.Take(64).Select(c => char.IsControl(c) ? '?' : c)]);

    private sealed record ListedFile(string Name, long Bytes, string Sha256);
}

/// <summary>A stored artifact.</summary>
/// <param name="Id">64 hexadecimal digits.</param>
/// <param name="Folder">Where its files are.</param>
/// <param name="Files">Their names, with '/'.</param>
/// <param name="Bytes">Their bytes.</param>
internal sealed record Artifact(string Id, string Folder, IReadOnlyList<string> Files, long Bytes);
