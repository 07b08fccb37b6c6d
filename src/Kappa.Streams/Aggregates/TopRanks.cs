using System.Collections.Immutable;

namespace Kappa.Streams.Aggregates;

/// <summary>The greatest values so far, the greatest first; of equal ones the first that came.</summary>
internal sealed class TopRanks<T, TBy>(int most, Func<T, TBy> by, Ties ties)
{
    private static readonly IComparer<TBy> Order = NaturalOrder<TBy>.Instance;

    public ImmutableArray<Ranked<T, TBy>> Next(ImmutableArray<Ranked<T, TBy>> state, T value)
    {
        var ranked = new Ranked<T, TBy>(value, NaturalOrder<TBy>.Checked(by(value)));
        var at = Behind(state, ranked.By);
        return at >= most && (ties == Ties.First || Order.Compare(ranked.By, state[most - 1].By) < 0)
            ? state
            : Cut(state.Insert(at, ranked));
    }

    public ImmutableArray<Ranked<T, TBy>> Merge(
        ImmutableArray<Ranked<T, TBy>> left, ImmutableArray<Ranked<T, TBy>> right)
    {
        var all = ImmutableArray.CreateBuilder<Ranked<T, TBy>>(left.Length + right.Length);
        var next = 0;
        foreach (var ranked in right)
        {
            while (next < left.Length && Order.Compare(left[next].By, ranked.By) >= 0)
            {
                all.Add(left[next++]);
            }

            all.Add(ranked);
        }

        all.AddRange(left.AsSpan()[next..]);
        return Cut(all.ToImmutable());
    }

    public static ImmutableArray<T> Result(ImmutableArray<Ranked<T, TBy>> state) =>
        ImmutableArray.CreateRange(state, ranked => ranked.Value);

    /// <summary>Where a value goes: behind all that are as great.</summary>
    private static int Behind(ImmutableArray<Ranked<T, TBy>> state, TBy by)
    {
        int low = 0, high = state.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Order.Compare(state[middle].By, by) >= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private ImmutableArray<Ranked<T, TBy>> Cut(ImmutableArray<Ranked<T, TBy>> state)
    {
        if (state.Length <= most)
        {
            return state;
        }

        var keep = ties == Ties.First ? most : Behind(state, state[most - 1].By);
        return state.RemoveRange(keep, state.Length - keep);
    }
}
