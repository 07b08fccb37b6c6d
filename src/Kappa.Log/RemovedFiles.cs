namespace Kappa.Log;

/// <summary>Deletes files of a partition that are no part of it any more. Doing it again does nothing.</summary>
internal static class RemovedFiles
{
    /// <summary>Deletes segments before a number, with their indexes, and what was left written aside.</summary>
    /// <param name="files">The disk.</param>
    /// <param name="folder">The partition's.</param>
    /// <param name="first">The first segment the partition has, as the manifest says.</param>
    public static void Delete(IFileSystem files, string folder, int first)
    {
        try
        {
            foreach (var name in files.List(folder).Where(name => IsGone(name, first)))
            {
                files.Delete(Path.Combine(folder, name));
            }
        }
        catch (KappaException)
        {
            // They are no part of the log: the next opening, or the next removal, tries again.
        }
    }

    private static bool IsGone(string name, int first)
    {
        var of = Segment.NumberOf(Path.ChangeExtension(name, ".segment"));
        return name.EndsWith(".new", StringComparison.Ordinal) || (of > 0 && of < first);
    }
}
