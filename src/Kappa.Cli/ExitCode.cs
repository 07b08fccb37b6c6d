namespace Kappa.Cli;

/// <summary>What a command returns to the shell.</summary>
internal static class ExitCode
{
    /// <summary>Done; for <c>diff</c>: no row differs.</summary>
    public const int Done = 0;

    /// <summary>Only from <c>diff</c>: rows differ.</summary>
    public const int Different = 1;

    /// <summary>Refused, failed or a wrong command line; for <c>diff</c>: could not compare.</summary>
    public const int Failed = 2;

    /// <summary>Interrupted.</summary>
    public const int Interrupted = 130;
}
