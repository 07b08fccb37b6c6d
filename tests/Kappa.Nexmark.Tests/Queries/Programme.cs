using Xunit;

namespace Kappa.Nexmark.Tests.Queries;

/// <summary>Every query there is but q12, which asks for the clock of the machine.</summary>
internal static class Programme
{
    /// <summary>Those the peer has.</summary>
    public static IReadOnlyList<Query> OfPeer { get; } =
    [
        Q0.PassThrough, Q0.Currency, Q0.Selection, Q3.LocalItems, Q4.ByCategory, Q5.HotItems, Q6.SellersMean,
        Q7.Highest, Q8.NewSellers, Q4.WinningBids, Q10.Dates, Q10.Calculation, Q15.Daily, Q15.ByChannel,
        Q15.ByAuction, Q18.LastBids, Q18.TopTen, Q3.Expand, Q10.Channels, Q10.Directories, Q101.Highest,
        Q102.AboveMean, Q101.Busy, Q101.NotQuiet, Q102.Most, Q4.Least,
    ];

    public static IReadOnlyList<Query> All { get; } = [.. OfPeer, Q11.Sessions, Q11.SideInput];

    /// <summary>So few that q105 has more than it shows.</summary>
    public const int Limit = 10;

    public static TheoryData<string> Names => [.. All.Select(query => query.Name)];

    /// <summary>A query over generated events, which are many: q105 shows fewer.</summary>
    public static Query Limited(string name) => name == Q102.Most.Name
        ? Q102.OfMost(Limit)
        : All.Single(query => query.Name == name);
}
