namespace Kappa.Streams.Runtime;

/// <summary>Where a stream's values get another time, and the stream another watermark (rule T1).</summary>
internal interface IRetimingNode
{
    int Id { get; }

    /// <summary>How far behind the highest time others may come.</summary>
    TimeSpan Lateness { get; }

    /// <summary>The time of what comes in.</summary>
    StreamTime TimeBefore { get; }
}
