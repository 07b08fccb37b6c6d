using System.IO.Compression;
using Kappa.Log;

namespace Kappa.Server.Programs;

/// <summary>
/// An uploaded zip, read under limits that do not trust what it says of itself (S12, S15, S16): names that stay inside a
/// folder, no links, bounded files, bytes and ratio.
/// </summary>
internal static class ArtifactZip
{
    /// <summary>The largest upload, in bytes.</summary>
    public const long UploadBytesMax = 256L << 20;

    private const long UnpackedBytesMax = 1L << 30;
    private const int FilesMax = 5_000;
    private const int NameLengthMax = 300;
    private const int RatioMax = 100;
    private const long RatioFloorBytes = 16L << 20;

    /// <summary>The files of a zip, in ordinal order of their names.</summary>
    /// <exception cref="KappaException">The zip breaks a limit or cannot be read.</exception>
    public static IReadOnlyList<ArtifactFile> Read(Stream zip)
    {
        try
        {
            using var archive = new ZipArchive(zip, ZipArchiveMode.Read, leaveOpen: true);
            return Read(archive, zip.Length);
        }
        catch (InvalidDataException broken)
        {
            throw Wrong("it cannot be read as a zip: " + broken.Message, broken);
        }
    }

    private static List<ArtifactFile> Read(ZipArchive archive, long packedBytes)
    {
        if (archive.Entries.Count > FilesMax)
        {
            throw Wrong($"it has {archive.Entries.Count} entries; allowed are {FilesMax}.");
        }

        var files = new List<ArtifactFile>();
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var budget = Math.Min(UnpackedBytesMax, Math.Max(RatioFloorBytes, packedBytes * RatioMax));
        foreach (var entry in archive.Entries)
        {
            if (entry.FullName.EndsWith('/') && entry.Length == 0)
            {
                continue;
            }

            CheckName(entry);
            if (!names.Add(entry.FullName))
            {
                throw Wrong($"it has the file '{Shown(entry.FullName)}' twice.");
            }

            var content = ReadContent(entry, budget);
            budget -= content.Length;
            files.Add(new ArtifactFile(entry.FullName, content));
        }

        files.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
        return files.Count > 0 ? files : throw Wrong("it is empty.");
    }

    private static void CheckName(ZipArchiveEntry entry)
    {
        var name = entry.FullName;
        const int UnixFileType = 0xF000;
        const int UnixRegular = 0x8000;
        var type = (entry.ExternalAttributes >> 16) & UnixFileType;
        if (type != 0 && type != UnixRegular)
        {
            throw Wrong($"the entry '{Shown(name)}' is no regular file.");
        }

        if (name.Length is 0 or > NameLengthMax || !name.Split('/').All(IsPart))
        {
            throw Wrong($"the name '{Shown(name)}' is not allowed: names stay inside the artifact.");
        }
    }

    private static bool IsPart(string part) =>
        part.Length > 0 && part[0] != '.' && part[^1] is not ('.' or ' ')
        && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '+' or ' ' or ',' or '(' or ')');

    private static byte[] ReadContent(ZipArchiveEntry entry, long budget)
    {
        using var source = entry.Open();
        using var content = new MemoryStream();
        var buffer = new byte[64 << 10];
        int read;
        while ((read = source.Read(buffer)) > 0)
        {
            if (content.Length + read > budget)
            {
                throw Wrong($"it unpacks to too many bytes at '{Shown(entry.FullName)}'.");
            }

            content.Write(buffer, 0, read);
        }

        return content.ToArray();
    }

    private static string Shown(string name) =>
        new([.. name.Take(80).Select(c => char.IsControl(c) ? '?' : c)]);

    private static KappaException Wrong(string what, Exception? inner = null) => new(
        ErrorKind.Invalid, "The artifact is refused: " + what,
        "Publish the project with 'dotnet publish -c Release' and deploy the folder with 'kappa deploy'.", inner);
}

/// <summary>A file of an artifact.</summary>
/// <param name="Name">Its path inside the artifact, with '/'.</param>
/// <param name="Content">Its bytes.</param>
internal sealed record ArtifactFile(string Name, byte[] Content);
