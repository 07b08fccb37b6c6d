using System.Text.Json;

namespace Kappa.Log;

/// <summary>What a repair of the log found and did, as it is kept beside the copies of the files.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="By">The user of the machine.</param>
/// <param name="Findings">What was damaged.</param>
/// <param name="Steps">What was given up, file by file.</param>
public sealed record RepairAccount(
    DateTimeOffset At, string By, IReadOnlyList<Finding> Findings, IReadOnlyList<RepairStep> Steps)
{
    /// <summary>The file's name in the folder of a repair.</summary>
    public const string FileName = "repair.json";

    internal static readonly JsonSerializerOptions Json =
        new()
        {
            WriteIndented = true,
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            PropertyNameCaseInsensitive = true,
        };

    /// <summary>
    /// The accounts of all repairs of a log, by their numbers, in order. A repair that was cut short before its account
    /// was written has changed nothing and is left out.
    /// </summary>
    /// <param name="folder">The log's folder.</param>
    /// <param name="files">The disk.</param>
    /// <exception cref="KappaException">An account cannot be read; it is named.</exception>
    public static IReadOnlyList<(string Id, RepairAccount Account)> ReadAll(string folder, IFileSystem files)
    {
        ArgumentNullException.ThrowIfNull(files);
        var all = Path.Combine(folder, LogRepair.FolderName);
        return !files.Exists(all) ? [] : [.. files.List(all)
            .Select(id => (Id: id, Account: Read(Path.Combine(all, id, FileName), files)))
            .Where(one => one.Account is not null)
            .Select(one => (one.Id, one.Account!))];
    }

    private static RepairAccount? Read(string path, IFileSystem files)
    {
        try
        {
            return AtomicFile.Read(files, path) is { } bytes
                ? JsonSerializer.Deserialize<RepairAccount>(bytes, Json)
                : null;
        }
        catch (JsonException broken)
        {
            throw new KappaException(
                ErrorKind.Corrupt, $"'{path}', the account of a repair, cannot be read: {broken.Message}",
                "Move its folder elsewhere: the log does not need it.", broken);
        }
    }
}
