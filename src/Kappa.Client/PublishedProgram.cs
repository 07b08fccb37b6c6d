using System.IO.Compression;

namespace Kappa.Client;

/// <summary>A published program with jobs in it: which of its files make an artifact. Kappa itself comes from the host.</summary>
public static class PublishedProgram
{
    private static readonly DateTimeOffset ZipTime = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly HashSet<string> SharedNames = new(StringComparer.OrdinalIgnoreCase)
    {
        "kappa", "Kappa.Log", "Kappa.Tables", "Kappa.Streams", "Kappa.Server", "Kappa.Client", "Kappa.Testing",
        "Microsoft.Data.Sqlite", "System.CommandLine",
    };

    /// <summary>Is an assembly of this name taken from the host, whatever a program brings?</summary>
    public static bool IsShared(string assembly) =>
        SharedNames.Contains(assembly)
        || assembly.StartsWith("Kappa.Connect.", StringComparison.OrdinalIgnoreCase)
        || assembly.StartsWith("SQLitePCLRaw.", StringComparison.OrdinalIgnoreCase);

    /// <summary>The files of a published program that make its artifact: names with '/' and content, in order of name.</summary>
    /// <param name="folder">The folder it was published to.</param>
    public static IReadOnlyList<KeyValuePair<string, byte[]>> Read(string folder)
    {
        var paths = Directory.EnumerateFiles(folder)
            .Concat(Directory.EnumerateFiles(folder, "*.resources.dll", SearchOption.AllDirectories));
        var runtimes = Path.Combine(folder, "runtimes");
        if (Directory.Exists(runtimes))
        {
            paths = paths.Concat(Directory.EnumerateFiles(runtimes, "*", SearchOption.AllDirectories));
        }

        return [.. paths
            .Select(path => (Path: path, Name: Path.GetRelativePath(folder, path).Replace('\\', '/')))
            .DistinctBy(file => file.Name)
            .Where(file => Belongs(file.Name))
            .OrderBy(file => file.Name, StringComparer.Ordinal)
            .Select(file => KeyValuePair.Create(file.Name, File.ReadAllBytes(file.Path)))];
    }

    /// <summary>The same files as a zip whose bytes depend on nothing but them.</summary>
    /// <param name="folder">The folder it was published to.</param>
    public static byte[] Zip(string folder)
    {
        using var zip = new MemoryStream();
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in Read(folder))
            {
                var entry = archive.CreateEntry(name, CompressionLevel.Fastest);
                entry.LastWriteTime = ZipTime;
                using var into = entry.Open();
                into.Write(content);
            }
        }

        return zip.ToArray();
    }

    private static bool Belongs(string name)
    {
        var file = Path.GetFileNameWithoutExtension(name);
        return !file.Contains("e_sqlite3", StringComparison.OrdinalIgnoreCase)
            && (name.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)
                ? !IsShared(file)
                : name.EndsWith(".deps.json", StringComparison.OrdinalIgnoreCase)
                    || name.StartsWith("runtimes/", StringComparison.Ordinal));
    }
}
