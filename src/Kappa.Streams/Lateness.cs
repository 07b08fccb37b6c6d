namespace Kappa.Streams;

/// <summary>How long a stream waits for values behind the highest event time.</summary>
public static class Lateness
{
    /// <summary>
    /// For ever: nothing of the stream is late, and none of its windows is ever final. They feed tables and
    /// <c>Changes</c> only (rule O1).
    /// </summary>
    public static readonly TimeSpan Unbounded = TimeSpan.MaxValue;
}
