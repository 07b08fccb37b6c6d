using System.Collections.Immutable;

namespace Kappa.Streams.Patterns;

/// <summary>
/// A pattern as what a run can do: it stands at the spot of the event it took last, with the ways on that are still
/// open. Made once; shared by all keys.
/// </summary>
internal sealed class Automaton<T>
{
    /// <summary>Spot 0 is where every match begins: nothing taken yet.</summary>
    public const int Start = 0;

    /// <summary>Where a way ends that completes the match.</summary>
    public const int End = -1;

    public required ImmutableArray<Spot> Spots { get; init; }

    public required ImmutableArray<Condition<T>> Conditions { get; init; }

    public required Steps<T> Steps { get; init; }

    /// <summary>
    /// Less than this lies between the first and the last event; <see cref="long.MaxValue"/>: no bound.
    /// </summary>
    public required long Within { get; init; }

    public required int MaxRuns { get; init; }

    public required Skip Skip { get; init; }

    /// <summary>The step of <see cref="Skip"/>, where it names one.</summary>
    public required int SkipStep { get; init; }

    /// <summary>Does the end of a run's time decide matches, so that each needs a timer of its own?</summary>
    public required bool DecidesByTime { get; init; }
}

/// <summary>Where a run stands: an event was taken for a step.</summary>
internal sealed class Spot
{
    public required int Step { get; init; }

    /// <summary>What an event fulfils to be taken here.</summary>
    public required int Condition { get; init; }

    /// <summary>None of these may hold for the event taken: ends of the loops around it.</summary>
    public required ImmutableArray<int> Untils { get; init; }

    /// <summary>Is the match complete as soon as a run stands here?</summary>
    public bool IsAccepting { get; set; }

    public List<Way> Ways { get; } = [];

    /// <summary>The ways open at first, a bit each.</summary>
    public ulong Open { get; set; }
}

/// <summary>
/// A way on from a spot. Every event either takes the run to the target, leaves the way open, or closes it. Where a
/// gate stands before it, what passes the gate goes on with the next way of the list.
/// </summary>
internal sealed record Way(
    int Target, Contiguity Contiguity, ImmutableArray<int> Forbidden, ImmutableArray<int> Untils, Gate? Gate)
{
    /// <summary>Is the match complete if the way is still open when the run's time is over?</summary>
    public bool IsByTime { get; init; }
}

/// <summary>What decides when a way can be gone.</summary>
internal abstract record Gate;

/// <summary>Only the event right after is looked at, and it must not fulfil the condition.</summary>
internal sealed record NotNextGate(int Condition) : Gate;

/// <summary>
/// A greedy loop: it is left by an event that it does not take itself, and that either the next step takes or the loop
/// cannot pass over.
/// </summary>
internal sealed record GreedyGate(
    int Loop, ImmutableArray<int> LoopUntils, Contiguity Contiguity, ImmutableArray<int> IgnoreUntils) : Gate
{
    /// <summary>Spots whose events come next; filled when they are known.</summary>
    public List<int> Following { get; } = [];
}
