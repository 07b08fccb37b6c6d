namespace Kappa.Tables.Sqlite;

/// <summary>Settings of <see cref="SqliteStore"/>.</summary>
public sealed record SqliteStoreOptions
{
    /// <summary>Measures how long a query runs. Default: the system's clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>
    /// The bytes of one query's answer at most, counted as stored. Default: 64 MiB; beyond it the answer is cut.
    /// </summary>
    public long AnswerBytesMax { get; init; } = 64L << 20;
}
