namespace Kappa.Streams;

/// <summary>The span of all times there are, 0001 to 9999.</summary>
internal static class AllTime
{
    private static readonly TimeSpan Span = DateTime.MaxValue - DateTime.MinValue;

    /// <summary>
    /// A length of time that can be added to any event time: what is longer than all times there are means for ever, as
    /// this does, and would overflow.
    /// </summary>
    public static TimeSpan Within(TimeSpan length) => length < Span ? length : Span;
}
