using System.Collections.Immutable;

namespace Kappa.Streams.Patterns;

/// <summary>What may lie between an event and the one before it.</summary>
internal enum Contiguity
{
    /// <summary>Nothing.</summary>
    Strict,

    /// <summary>Only events that do not fulfil the step: the next one that does is taken.</summary>
    Relaxed,

    /// <summary>Anything: every later event that fulfils the step is taken, each in a match of its own.</summary>
    Any,
}

/// <summary>What a step, or the end of a loop, asks of an event.</summary>
internal sealed record Condition<T>(Func<T, bool>? Simple, Func<T, SoFar<T>, bool>? Iterative)
{
    public Delegate Delegate => Simple ?? (Delegate)Iterative!;
}

/// <summary>A part of a sequence and how it follows on the one before; or what must not follow.</summary>
internal sealed record Link<T>(Contiguity Contiguity, Part<T> Part, bool IsNot = false);

/// <summary>A step, or a sequence in brackets, and how often it comes.</summary>
internal sealed record Part<T>
{
    /// <summary>No upper end to the number of times.</summary>
    public const int Unlimited = int.MaxValue;

    public Step<T>? Step { get; init; }

    public ImmutableArray<Link<T>> Group { get; init; } = [];

    public int Min { get; init; } = 1;

    public int Max { get; init; } = 1;

    public bool IsRepeated { get; init; }

    /// <summary>What may lie between one time and the next.</summary>
    public Contiguity Inner { get; init; } = Contiguity.Relaxed;

    public bool IsOptional { get; init; }

    public bool IsGreedy { get; init; }

    public Condition<T>? Until { get; init; }

    /// <summary>Can it be passed without an event?</summary>
    public bool IsNullable => IsOptional || (Step is null && IsEmptyable(Group));

    /// <summary>Can a whole sequence be passed without an event?</summary>
    public static bool IsEmptyable(ImmutableArray<Link<T>> links) =>
        links.All(link => link.IsNot || link.Part.IsNullable);
}
