namespace Kappa.Streams.Runtime;

/// <summary>Where a job exchanges by key: a new segment begins behind it.</summary>
internal interface IExchangeNode
{
    int Id { get; }

    /// <summary>Where the watermark of what it brings comes from.</summary>
    StreamTime Time { get; }

    IExchange BuildExchange(JobMachine machine);
}
