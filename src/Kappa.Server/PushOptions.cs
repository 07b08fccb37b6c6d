namespace Kappa.Server;

/// <summary>How records are posted to webhooks. Every option has a default.</summary>
public sealed record PushOptions
{
    /// <summary>How long one attempt may take; default 10 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The wait after the first failure; it doubles from then on, half of it by chance. Default 1 s.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait between attempts; default 5 min.</summary>
    public TimeSpan RetryMax { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>After so long an undelivered record is a dead letter (rule E3); default 24 h.</summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How many requests a subscription has under way at once, each for another key; default 8.</summary>
    public int Concurrency { get; init; } = 8;

    /// <summary>How long a delivery may be forgotten by a crash, and so be repeated; default 1 s.</summary>
    public TimeSpan SaveEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The seed of the chance in the waits; default 0. The subscription's name is mixed in.</summary>
    public int Seed { get; init; }
}
