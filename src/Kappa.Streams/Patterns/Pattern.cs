using System.Collections.Immutable;
using Kappa.Log;

namespace Kappa.Streams.Patterns;

/// <summary>
/// What to look for in the events of a key: steps, how they follow on each other, how often they come. A value: every
/// method gives a new one. The guide to patterns tells what each matches.
/// </summary>
/// <typeparam name="T">The event.</typeparam>
public partial class Pattern<T>
{
    private readonly ImmutableArray<Link<T>> _links;

    internal Pattern(ImmutableArray<Link<T>> links, Within? within, Skip skip)
    {
        _links = links;
        Time = within;
        AfterMatchSkip = skip;
    }

    internal virtual ImmutableArray<Link<T>> Links => _links;

    internal Within? Time { get; }

    internal Skip AfterMatchSkip { get; }

    /// <summary>The event right after is the first of <paramref name="next"/>.</summary>
    public Pattern<T> Next(Pattern<T> next) => Then(nameof(Next), Contiguity.Strict, next);

    /// <summary>The next event that fulfils <paramref name="next"/>, whatever else lies between.</summary>
    public Pattern<T> FollowedBy(Pattern<T> next) => Then(nameof(FollowedBy), Contiguity.Relaxed, next);

    /// <summary>
    /// Every later event that fulfils <paramref name="next"/>, each in a match of its own: grows fast.
    /// </summary>
    public Pattern<T> FollowedByAny(Pattern<T> next) => Then(nameof(FollowedByAny), Contiguity.Any, next);

    /// <summary>
    /// The event right after does not fulfil <paramref name="step"/>. As the last of a pattern: the match is decided by
    /// the event right after, which is no part of it.
    /// </summary>
    public Pattern<T> NotNext(Step<T> step) => Not(nameof(NotNext), Contiguity.Strict, step);

    /// <summary>
    /// No event up to the next step's fulfils <paramref name="step"/>. As the last of a pattern: none until its time is
    /// over; the match is decided at its first event's time + within.
    /// </summary>
    public Pattern<T> NotFollowedBy(Step<T> step) => Not(nameof(NotFollowedBy), Contiguity.Relaxed, step);

    /// <summary>The last event's time is less than this behind the first's. Say it of the whole pattern.</summary>
    /// <param name="time">More than 0.</param>
    /// <param name="maxRuns">How many unfinished matches a key may have; the event that would make more is a dead
    /// letter (rule O6). Default 10 000.</param>
    public Pattern<T> Within(TimeSpan time, int maxRuns = Patterns.Within.DefaultMaxRuns) =>
        Within(Patterns.Within.Of(time, maxRuns));

    /// <summary>How long a match may take, or that only the number of unfinished ones is bounded.</summary>
    public Pattern<T> Within(Within within) => Time is null
        ? new Pattern<T>(Links, within, AfterMatchSkip)
        : throw Wrong("Within is said twice.", "Say it once, of the whole pattern.");

    /// <summary>What a match drops of the others; default: nothing. Say it of the whole pattern.</summary>
    public Pattern<T> AfterMatch(Skip skip) => AfterMatchSkip == Skip.None
        ? new Pattern<T>(Links, Time, skip)
        : throw Wrong("AfterMatch is said twice.", "Say it once, of the whole pattern.");

    /// <summary>The pattern in its notation, such as <c>failure{5..} >> success within 00:01:00</c>.</summary>
    public override string ToString() => Notation.Of(this);

    internal KappaException Wrong(string what, string next) => Wrong(this, what, next);

    private static KappaException Wrong(object pattern, string what, string next) =>
        new(ErrorKind.Invalid, $"Pattern '{pattern}': {what}", next);

    private Pattern<T> Then(string how, Contiguity contiguity, Pattern<T> next)
    {
        CheckIsPart(this, how);
        CheckIsPart(next, how);
        return new Pattern<T>(
            [.. Links, next.Links[0] with { Contiguity = contiguity }, .. next.Links.Skip(1)], null, Skip.None);
    }

    private Pattern<T> Not(string how, Contiguity contiguity, Step<T> step)
    {
        CheckIsPart(this, how);
        return new Pattern<T>(
            [.. Links, new Link<T>(contiguity, new Part<T> { Step = step }, IsNot: true)], null, Skip.None);
    }

    private static void CheckIsPart(Pattern<T> part, string how)
    {
        if (part.Time is not null || part.AfterMatchSkip != Skip.None)
        {
            throw part.Wrong(
                $"Within and AfterMatch are said of a whole pattern, and this is a part of one ({how}).",
                "Put Within and AfterMatch last: a.FollowedBy(b).Within(time).");
        }
    }
}
