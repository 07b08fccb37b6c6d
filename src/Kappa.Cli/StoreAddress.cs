namespace Kappa.Cli;

/// <summary>The address of an archive, as it is written on a command line.</summary>
internal static class StoreAddress
{
    /// <summary>A relative path is one of the folder the command is run in.</summary>
    public static string Absolute(string given) =>
        given.Contains("://", StringComparison.Ordinal) ? given : Path.GetFullPath(given);
}
