using System.Collections.Immutable;
using Kappa.Log;

namespace Kappa.Streams.Patterns;

/// <summary>Makes the steps of a pattern.</summary>
public static class Step
{
    /// <summary>A step that an event fulfils by itself.</summary>
    /// <param name="name">Its name, one of a kind in its pattern: letters, digits, <c>_</c> and <c>-</c>.</param>
    /// <param name="predicate">What the event fulfils; pure.</param>
    /// <exception cref="KappaException">The name is none.</exception>
    public static Step<T> Of<T>(string name, Func<T, bool> predicate) => new(name, new Condition<T>(predicate, null));

    /// <summary>A step that an event fulfils in the light of the events the same match took before.</summary>
    /// <param name="name">Its name, one of a kind in its pattern: letters, digits, <c>_</c> and <c>-</c>.</param>
    /// <param name="predicate">What the event fulfils, given what was taken so far; pure.</param>
    /// <exception cref="KappaException">The name is none.</exception>
    public static Step<T> Of<T>(string name, Func<T, SoFar<T>, bool> predicate) =>
        new(name, new Condition<T>(null, predicate));
}

/// <summary>One step of a pattern; by itself the pattern of one event.</summary>
/// <typeparam name="T">The event.</typeparam>
public sealed class Step<T> : Pattern<T>
{
    internal Step(string name, Condition<T> condition)
        : base([], null, Skip.None)
    {
        if (!IsName(name))
        {
            throw new KappaException(
                ErrorKind.Invalid,
                $"'{name}' is no name for a step: allowed are 1 to 60 letters, digits, _ and -.",
                "Name the step after what happens, for example Step.Of<Login>(\"failure\", login => !login.Ok).");
        }

        Name = name;
        Condition = condition;
        Links = [new Link<T>(Contiguity.Strict, new Part<T> { Step = this })];
    }

    /// <summary>Its name in the notation, and in every error about it.</summary>
    public string Name { get; }

    internal Condition<T> Condition { get; }

    internal override ImmutableArray<Link<T>> Links { get; }

    private static bool IsName(string? name) => name is { Length: > 0 and <= 60 }
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
}
