using Kappa.Streams;

namespace Kappa.Nexmark.Tests.Queries;

/// <summary>Who is new, and sells something within the same ten seconds.</summary>
internal static class Q8
{
    private static readonly Window TenSeconds = Window.Tumbling(TimeSpan.FromSeconds(10));

    // Two windows are the same iff they end at the same time, which is that of their results.
    public static readonly Query NewSellers = new("q8", flow => flow.Persons()
        .KeyBy(person => (person.Id, person.Name))
        .Window(TenSeconds)
        .Aggregate(Aggregate.Count<Person>())
        .KeyBy(person => person.Key.Id)
        .Join(
            flow.Auctions().KeyBy(auction => auction.Seller).Window(TenSeconds).Aggregate(Aggregate.Count<Auction>())
                .KeyBy(seller => seller.Key),
            Interval.Within(TimeSpan.Zero),
            (person, _) => new { person.Key.Id, person.Key.Name, person.Window.Start })
        .ToTable("q8", row => (row.Start, row.Id, row.Name)), "id", "name", "start");
}
