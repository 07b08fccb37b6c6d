namespace Kappa.Streams.Runtime;

/// <summary>Where a job exchanges by key: a new segment begins behind it.</summary>
internal interface IExchangeNode
{
    int Id { get; }

    /// <summary>The source it flows from: its watermark is this stream's (rule T1).</summary>
    ISourceNode Source { get; }

    IExchange BuildExchange(JobMachine machine);
}
