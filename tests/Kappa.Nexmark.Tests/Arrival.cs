using Kappa.Testing;

namespace Kappa.Nexmark.Tests;

/// <summary>Events as records of their topics.</summary>
internal static class Arrival
{
    public static DateTimeOffset TimeOf(object happened) => happened switch
    {
        Person person => person.At,
        Auction auction => auction.At,
        Bid bid => bid.At,
        _ => throw new InvalidOperationException($"{happened} is no event of Nexmark."),
    };

    public static TestRecord RecordOf(object happened) => happened switch
    {
        Person person => TestRecord.Of("persons", person),
        Auction auction => TestRecord.Of("auctions", auction),
        Bid bid => TestRecord.Of("bids", bid),
        _ => throw new InvalidOperationException($"{happened} is no event of Nexmark."),
    };

    /// <summary>The rows of a query once all has come and every topic is complete.</summary>
    public static List<string> Run(Query query, IEnumerable<object> events)
    {
        var run = TestRun.Of(query.Job);
        run.Append(query.Read(events.Select(RecordOf))).Complete();
        Xunit.Assert.Empty(run.Late.Concat(run.Dead).Select(row => row.ToString()));
        return [.. run.Rows(query.Name).Select(row => RowText.Of(query.Row(row))).Order(StringComparer.Ordinal)];
    }
}
