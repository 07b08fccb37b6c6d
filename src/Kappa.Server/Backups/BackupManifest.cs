using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Kappa.Log;
using Kappa.Tables.Loop;

namespace Kappa.Server.Backups;

/// <summary>
/// What <c>backup.json</c> says (docs/formats/backup.md). It is written last: a folder without it is no backup. Not a
/// byte of it may be another than was written.
/// </summary>
/// <param name="MadeBy">The program that made it.</param>
/// <param name="At">When, by the wall clock.</param>
/// <param name="Log">The id of the log it was taken from.</param>
/// <param name="Place">It holds every batch of every topic up to here, and nothing behind.</param>
/// <param name="Mark">The id of the journal's mark there, at which the versions met; null where none did.</param>
/// <param name="Versions">The versions there were.</param>
/// <param name="Files">Every file of the backup but this one.</param>
internal sealed record BackupManifest(
    string MadeBy, DateTimeOffset At, string Log, Place Place, string? Mark, IReadOnlyList<BackupVersion> Versions,
    IReadOnlyList<CopiedFile> Files)
{
    public const string FileName = "backup.json";

    /// <summary>What is written; 1, without mirrors and notes of what was erased, is read too.</summary>
    private const int Format = 2;
    private const string Again = "Take another backup.";

    public static JsonSerializerOptions Json { get; } = new(JsonSerializerOptions.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new PlaceJson() },
    };

    /// <summary>Its bytes.</summary>
    public byte[] ToBytes()
    {
        return Whole(Format, JsonSerializer.SerializeToUtf8Bytes(this, Json));
    }

    /// <summary>Reads the manifest of a backup.</summary>
    /// <exception cref="KappaException">There is none, it is damaged, or of a format unknown here.</exception>
    public static BackupManifest Read(IFileSystem files, string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (AtomicFile.Read(files, path) is not { } bytes)
        {
            throw files.Exists(Path.Combine(folder, BackupFolder.Unfinished))
                ? new KappaException(
                    ErrorKind.Invalid, $"The backup in '{folder}' was never finished: it has no {FileName}.",
                    "Delete the folder and take another backup.")
                : new KappaException(
                    ErrorKind.NotFound, $"There is no backup in '{folder}': it has no {FileName}.",
                    "Name a folder that 'kappa backup' has made.");
        }

        try
        {
            using var json = JsonDocument.Parse(bytes);
            var format = json.RootElement.GetProperty("format").GetInt32();
            if (format is < 1 or > Format)
            {
                throw new KappaException(
                    ErrorKind.Conflict,
                    $"The backup in '{folder}' has format {format}; this program reads 1 to {Format}.",
                    "Restore it with the Kappa that made it, or a newer one.");
            }

            var content = json.RootElement.GetProperty("backup").GetRawText();
            return bytes.AsSpan().SequenceEqual(Whole(format, Encoding.UTF8.GetBytes(content)))
                ? JsonSerializer.Deserialize<BackupManifest>(content, Json)!
                : throw new JsonException("Its checksum does not match.");
        }
        catch (Exception broken) when (broken is JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException or NotSupportedException)
        {
            throw new KappaException(
                ErrorKind.Corrupt, $"'{path}' is damaged: {broken.Message}", Again, broken);
        }
    }

    // The hash covers the number, too, since there are two.
    private static byte[] Whole(int format, byte[] content)
    {
        var hash = SHA256.HashData(format == 1 ? content : [.. Encoding.UTF8.GetBytes($"{format}\n"), .. content]);
        return
        [
            .. Encoding.UTF8.GetBytes(
                $$"""{"format":{{format}},"sha256":"{{Convert.ToHexStringLower(hash)}}","backup":"""),
            .. content, (byte)'}',
        ];
    }
}

/// <summary>A version at the time of a backup.</summary>
/// <param name="Version">As <c>driving@2</c>.</param>
/// <param name="State">What it was.</param>
/// <param name="Place">Where its tables were: the mark of the backup, or where it had stopped; null: unknown.</param>
/// <param name="Checksums">
/// Of a running version: the SHA-256 of the export of each table at the backup's place. Empty where it was not taken.
/// </param>
/// <param name="Note">Why there are no checksums; null where there are.</param>
internal sealed record BackupVersion(
    string Version, string State, Place? Place, IReadOnlyDictionary<string, string> Checksums, string? Note);
