namespace Kappa.Streams.Patterns;

/// <content>How often a step, or a sequence of steps, comes.</content>
public partial class Pattern<T>
{
    private const int MostTimes = 1_000;

    /// <summary>Exactly so many times.</summary>
    public Pattern<T> Times(int count) => Repeat($"Times({count})", count, count);

    /// <summary>
    /// At least <paramref name="min"/> and at most <paramref name="max"/> times; min 0 is the same as optional.
    /// </summary>
    public Pattern<T> Times(int min, int max) => min == 0 && max > 0
        ? Repeat($"Times(0, {max})", 1, max).Optional()
        : Repeat($"Times({min}, {max})", min, max);

    /// <summary>At least so many times; each further one is a match as well, unless <see cref="Greedy"/>.</summary>
    public Pattern<T> TimesOrMore(int count) => Repeat($"TimesOrMore({count})", count, Part<T>.Unlimited);

    /// <summary>Once or more often; each further one is a match as well, unless <see cref="Greedy"/>.</summary>
    public Pattern<T> OneOrMore() => Repeat("OneOrMore()", 1, Part<T>.Unlimited);

    /// <summary>Of something repeated: nothing lies between one time and the next.</summary>
    public Pattern<T> Consecutive() =>
        WithRepeat(nameof(Consecutive), part => part with { Inner = Contiguity.Strict });

    /// <summary>Of something repeated: events that would do may also be passed over, so that every choice of them is a
    /// match.</summary>
    public Pattern<T> AllowCombinations() =>
        WithRepeat(nameof(AllowCombinations), part => part with { Inner = Contiguity.Any });

    /// <summary>
    /// Of a repeated step: it takes what it can, before the next step takes anything. At the end of a pattern the match
    /// is decided by the first event the step does not take, or at its first event's time + within.
    /// </summary>
    public Pattern<T> Greedy() => WithRepeat(nameof(Greedy), part => part.Step is null
        ? throw Wrong("Greedy is said of a sequence.", "Say it of a single repeated step.")
        : part with { IsGreedy = true });

    /// <summary>It may also be left out.</summary>
    public Pattern<T> Optional()
    {
        var part = AsPart(nameof(Optional));
        return With(part with { IsOptional = true });
    }

    /// <summary>
    /// Of something repeated without an upper end: an event that fulfils the predicate ends the repeats and is not
    /// taken by them.
    /// </summary>
    public Pattern<T> Until(Func<T, bool> predicate) => Until(new Condition<T>(predicate, null));

    /// <summary>As <see cref="Until(Func{T, bool})"/>, given what was taken so far.</summary>
    public Pattern<T> Until(Func<T, SoFar<T>, bool> predicate) => Until(new Condition<T>(null, predicate));

    private Pattern<T> Until(Condition<T> condition) =>
        WithRepeat(nameof(Until), part => part.Max != Part<T>.Unlimited
            ? throw Wrong($"Until ends a loop, and this is at most {part.Max} times.",
                "Say it behind OneOrMore or TimesOrMore.")
            : part.Until is not null ? throw Wrong("Until is said twice.", "Join the two predicates with ||.")
            : part with { Until = condition });

    private Pattern<T> Repeat(string how, int min, int max)
    {
        if (min < 1 || max < min || min > MostTimes || (max > MostTimes && max != Part<T>.Unlimited))
        {
            throw Wrong($"{how} is asked for; allowed are 1 to {MostTimes} times, the lower number first.",
                "Give a number of 1 or more; write Optional() for what may be left out, OneOrMore() for a loop.");
        }

        var part = AsPart(how);
        if (part.IsRepeated)
        {
            throw Wrong($"{how} is said of what is repeated already.", "Say once how often it comes.");
        }

        if (part.IsNullable)
        {
            throw Wrong($"{how} is said of what may be left out: it could repeat nothing.",
                "Say Optional() behind it: step.Times(2).Optional().");
        }

        return With(part with { Min = min, Max = max, IsRepeated = true });
    }

    private Pattern<T> WithRepeat(string how, Func<Part<T>, Part<T>> change)
    {
        if (Links is not [{ IsNot: false, Part.IsRepeated: true } link])
        {
            throw Wrong($"{how} is said of what is not repeated.",
                $"Say it right behind Times, TimesOrMore or OneOrMore: a.FollowedBy(b.OneOrMore().{how}(…)).");
        }

        CheckIsPart(this, how);
        return With(change(link.Part));
    }

    /// <summary>This as one part: the part it is, or its sequence in brackets.</summary>
    private Part<T> AsPart(string how)
    {
        CheckIsPart(this, how);
        if (Links[^1].IsNot)
        {
            throw Wrong($"{how} is said of a sequence that ends with NotNext or NotFollowedBy.",
                "End the sequence with a step, or say what must not follow behind the repeats.");
        }

        return Links.Length == 1 ? Links[0].Part : new Part<T> { Group = Links };
    }

    private static Pattern<T> With(Part<T> part) =>
        new([new Link<T>(Contiguity.Strict, part)], null, Skip.None);
}
