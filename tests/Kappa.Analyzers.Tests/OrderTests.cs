using Xunit;

namespace Kappa.Analyzers.Tests;

/// <summary>Folds that ask how long ago the record before was.</summary>
public sealed class OrderTests
{
    private static string Chain(string before, string fold) => $$"""
        public static class Jobs
        {
            public static readonly Job Sales = Job.Define("sales", flow => flow
                .From<Order>("orders", eventTime: order => order.At)
                {{before}}
                .⟦009: Aggregate⟧(Total.None, {{fold}})
                .ToTable("sales"));
        }
        """;

    private static string Clean(string before, string fold) =>
        Chain(before, fold).Replace("⟦009: Aggregate⟧", "Aggregate", StringComparison.Ordinal);

    [Theory]
    [InlineData("(total, order) => total with { Sum = (order.At - total.Last).TotalSeconds }")]
    [InlineData("(total, order) => order.At < total.Last ? total : total with { Sum = 1 }")]
    [InlineData("(total, order) => total.Last.AddMinutes(5) < order.At ? Total.None : total")]
    [InlineData("(total, order) => total with { Orders = order.At.Ticks - total.Last.Ticks }")]
    [InlineData("(total, order) => order.At.Subtract(total.Last) > TimeSpan.Zero ? total : Total.None")]
    [InlineData("(total, order) => order.At.CompareTo(total.Last) > 0 ? total : Total.None")]
    [InlineData("(total, order) => { var gap = order.At - total.Last; return total with { Sum = gap.TotalDays }; }")]
    [InlineData("(total, order) => { var last = total.Last; return order.At < last ? Total.None : total; }")]
    public async Task A_fold_that_asks_for_the_time_between_needs_InOrder(string fold)
    {
        await Sources.CheckAsync(Chain(".KeyBy(order => order.Customer)", fold));
        await Sources.CheckAsync(Chain(
            ".KeyBy(order => order.Customer).Window(Window.Tumbling(TimeSpan.FromHours(1)))", fold));
        await Sources.CheckAsync(Chain(".KeyBy(order => order.Id).InOrder().KeyBy(order => order.Customer)", fold));
        await Sources.CheckAsync(Clean(".KeyBy(order => order.Customer).InOrder()", fold));
        await Sources.CheckAsync(Clean(".KeyBy(order => order.Customer).InOrder().Where(order => order.Count > 1)",
            fold));
        await Sources.CheckAsync(Clean(
            ".KeyBy(order => order.Customer).InOrder().Window(Window.Tumbling(TimeSpan.FromHours(1)))", fold));
    }

    [Theory]
    [InlineData("(total, order) => total with { Sum = total.Sum + order.Price }")]
    [InlineData("(total, order) => total with { Last = order.At }")]
    [InlineData("(total, order) => total with { Last = order.At > total.Last ? order.At : total.Last }")]
    [InlineData("(total, order) => total with { Last = total.Last < order.At ? order.At : total.Last }")]
    [InlineData("(total, order) => order.Count > total.Orders ? total : Total.None")]
    [InlineData("(total, order) => order.At.Hour < 12 && total.Last.Hour < 12 ? total : Total.None")]
    [InlineData("(total, order) => order.At < DateTimeOffset.UnixEpoch ? total : Total.None")]
    public Task A_fold_that_comes_out_the_same_in_any_order_needs_none(string fold) =>
        Sources.CheckAsync(Clean(".KeyBy(order => order.Customer)", fold));

    [Fact]
    public Task An_aggregation_is_a_fold_and_how_sessions_merge_is_none() => Sources.CheckAsync("""
        public static class Jobs
        {
            public static readonly Job Sales = Job.Define("sales", flow =>
            {
                var orders = flow.From<Order>("orders", eventTime: order => order.At).KeyBy(order => order.Id);
                orders.⟦009: Aggregate⟧(new Aggregation<Order, Total, Total>(
                    Total.None, (total, order) => total with { Sum = (order.At - total.Last).TotalDays },
                    total => total)).ToTable("a");
                orders.Window(Window.Session(TimeSpan.FromHours(1)))
                    .Aggregate(
                        Total.None, (total, order) => total with { Last = order.At },
                        (left, right) => left.Last < right.Last ? right with { Sum = 1 } : left)
                    .ToTable("b");
                orders.Window(Window.Session(TimeSpan.FromHours(1)))
                    .Aggregate(Total.None, (total, order) => total with { Sum = (order.At - total.Last).TotalDays })
                    .ToTable("c");
            });
        }
        """);

    [Fact]
    public Task Methods_of_the_state_are_followed_with_what_they_are_given() => Sources.CheckAsync("""
        public sealed record Trip(DateTimeOffset Last, double Hours)
        {
            public static readonly Trip None = new(default, 0);
            public Trip On(Order order) => On(order, order.At - Last);
            public Trip On(Order order, TimeSpan elapsed) =>
                new(Last > order.At ? Last : order.At, Hours + elapsed.TotalHours);
            public static Trip Fold(Trip trip, Order order) => trip.Later(order.At);
            private Trip Later(DateTimeOffset at) => Last < at ? new(at, Hours) : this;
        }

        public static class Jobs
        {
            public static readonly Job Sales = Job.Define("sales", flow =>
            {
                var trips = flow.From<Order>("orders", eventTime: order => order.At).KeyBy(order => order.Id);
                trips.⟦009: Aggregate⟧(Trip.None, (trip, order) => trip.On(order)).ToTable("a");
                trips.⟦009: Aggregate⟧(Trip.None, Trip.Fold).ToTable("b");
                trips.Aggregate(Trip.None, (trip, order) => trip.On(order, TimeSpan.FromSeconds(1))).ToTable("c");
                trips.InOrder().Aggregate(Trip.None, (trip, order) => trip.On(order)).ToTable("d");
                var ordered = trips.InOrder();
                ordered.Aggregate(Trip.None, (trip, order) => trip.On(order)).ToTable("e");
            });

            // Who gives this stream may have put it in order.
            public static void Rest(KeyedStream<string, Order> orders) =>
                orders.Aggregate(Trip.None, (trip, order) => trip.On(order)).ToTable("f");
        }
        """);
}
