using System.Collections.Immutable;

namespace Kappa.Nexmark.Tests.Queries;

/// <summary>The highest price of each auction.</summary>
internal sealed record Finals(ImmutableSortedDictionary<long, long> Prices)
{
    public static readonly Finals None = new(ImmutableSortedDictionary<long, long>.Empty);

    public Finals With(Offer offer) => new(Prices.SetItem(offer.Id, offer.Price));
}
