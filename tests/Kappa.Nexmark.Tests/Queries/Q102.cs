using Kappa.Streams;

namespace Kappa.Nexmark.Tests.Queries;

/// <summary>
/// The auctions with at least as many bids as the mean auction, and those with the most: each bid may bring others in
/// and out. One fold sees all auctions and says which come and go; a row that is null goes.
/// </summary>
internal static class Q102
{
    public static readonly Query AboveMean = new("q102", flow => flow.Lots()
        .KeyBy(_ => "all")
        .Aggregate(new Aggregation<Lot, Chart, Chart>(Chart.None, (chart, lot) => chart.AboveMean(lot), chart => chart))
        .SelectMany(chart => chart.Said)
        .KeyBy(said => said.Auction)
        .Aggregate((Lot?)null, (_, said) => said.Lot)
        .ToTable("q102"), "auction", "item", "bids");

    public static readonly Query Most = OfMost(1_000);

    public static Query OfMost(int limit) => new("q105", flow => flow.Lots()
        .KeyBy(_ => "all")
        .Aggregate(new Aggregation<Lot, Chart, Chart>(
            Chart.None, (chart, lot) => chart.Most(lot, limit), chart => chart))
        .SelectMany(chart => chart.Said)
        .KeyBy(said => said.Auction)
        .Aggregate((Lot?)null, (_, said) => said.Lot)
        .ToTable("q105"), "auction", "item", "bids");
}
