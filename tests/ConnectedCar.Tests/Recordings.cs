namespace ConnectedCar.Tests;

/// <summary>
/// Recordings that are not part of the repository: folders in the one named by KAPPA_RECORDINGS, else in shared/data
/// beside the repository.
/// </summary>
internal static class Recordings
{
    /// <summary>A folder of recordings; null where it is not here.</summary>
    public static string? Find(string name)
    {
        var folder = Root() is { } root ? Path.Combine(root, name) : null;
        return Directory.Exists(folder) ? folder : null;
    }

    private static string? Root()
    {
        if (Environment.GetEnvironmentVariable("KAPPA_RECORDINGS") is { Length: > 0 } named)
        {
            return named;
        }

        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "Kappa.slnx")))
        {
            at = at.Parent;
        }

        return at?.Parent is { } beside ? Path.Combine(beside.FullName, "shared", "data") : null;
    }
}
