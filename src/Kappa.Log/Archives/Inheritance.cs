namespace Kappa.Log;

/// <summary>
/// Makes an archive one of the log that this one was restored from. It is read and never written, and only what the old
/// log had no more when it was backed up: that is settled, whatever the old log has done since.
/// </summary>
/// <param name="Log">The id of the log it is of.</param>
/// <param name="Before">Of each partition the number of the first segment that is no more read out of it.</param>
public sealed record Inheritance(LogId Log, IReadOnlyList<int> Before)
{
    /// <summary>Is a segment read out of it?</summary>
    internal bool Has(int partition, int number) => partition < Before.Count && number < Before[partition];
}
