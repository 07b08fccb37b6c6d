using Xunit;

namespace ConnectedCar.Tests;

/// <summary>
/// A test on carOBD's recordings, which are not part of the repository. It looks for them in the folder named by
/// KAPPA_RECORDINGS, else in a folder shared/data beside the repository, and is skipped where they are not.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RecordedFactAttribute : FactAttribute
{
    public RecordedFactAttribute()
    {
        if (Folder is null)
        {
            Skip = "carOBD's recordings are not here: KAPPA_RECORDINGS names no folder that holds obd-carobd.";
        }
    }

    public static string? Folder { get; } = Find();

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("KAPPA_RECORDINGS") is { Length: > 0 } named)
        {
            return Existing(named);
        }

        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Kappa.slnx")))
            {
                return at.Parent is { } beside ? Existing(Path.Combine(beside.FullName, "shared", "data")) : null;
            }
        }

        return null;
    }

    private static string? Existing(string data)
    {
        var folder = Path.Combine(data, "obd-carobd");
        return Directory.Exists(folder) ? folder : null;
    }
}
