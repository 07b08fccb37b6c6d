namespace Kappa.Streams;

/// <summary>What <see cref="Aggregate.Top"/> does with values as great as the last one it takes.</summary>
public enum Ties
{
    /// <summary>Takes so many and no more: of equal ones those that came first.</summary>
    First,

    /// <summary>Takes all that are as great as the last one, so it may be more than were asked for.</summary>
    All,
}
