using System.Text;
using System.Text.Json;
using Kappa.Log;
using Xunit;

namespace Kappa.Streams.Tests.Guides;

/// <summary>What the guide of joins says happens.</summary>
public sealed class JoinGuideTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly Placed First = new(1, "ann", "tea", Noon);
    private static readonly Placed Second = new(2, "ann", "tea", Noon.AddMinutes(4));

    [Fact]
    public void A_delivery_is_an_order_and_its_parcel_within_three_days() => Assert.Equal(
        [(1L, TimeSpan.FromDays(3).Ticks)],
        Machine.Straight(JoinGuide.Delivered, Of(
            ("orders", null, First), ("orders", null, Second), ("parcels", null, new Sent(1, Noon.AddDays(3))),
            ("parcels", null, new Sent(2, Noon.AddDays(4))))).Rows("deliveries")
            .Select(row => ((long)row[0]!, ((TimeSpan)row[^1]!).Ticks)));

    [Fact]
    public void Doubles_are_pairs_of_one_article_and_not_a_value_with_itself() => Assert.Equal(
        ["1 and 2"],
        Machine.Straight(JoinGuide.Doubles, Of(
            ("orders", null, First), ("orders", null, Second),
            ("orders", null, new Placed(3, "ann", "milk", Noon.AddMinutes(5))))).Rows("doubles")
            .Select(row => row[0]));

    [Fact]
    public void A_removed_article_has_no_price()
    {
        var sequence = Of(
            ("articles", "tea", new Article(3, Noon)), ("orders", null, First), ("articles", "tea", null),
            ("orders", null, Second));

        Assert.Equal([3m, null], Machine.Straight(JoinGuide.Priced, sequence).Rows("sales").Select(row => row[2]));
        Assert.Equal(3m, Assert.Single(Machine.Straight(JoinGuide.Spent, sequence).Rows("spent-by-customer"))[1]);
    }

    [Fact]
    public void A_preloaded_price_counts_from_its_time_on_though_it_came_behind_the_orders()
    {
        var sequence = Of(
            ("orders", null, First), ("orders", null, Second), ("articles", "tea", new Article(3, Noon.AddMinutes(1))),
            ("orders", null, First with { Id = 3 }), ("orders", null, First with { Id = 4 }),
            ("orders", null, Second with { Id = 5 }));

        Assert.True(sequence.Preloads >= sequence.Batches[2].LastPlace);
        Assert.Equal(
            [null, 3m, null, null, 3m],
            Machine.Straight(JoinGuide.PricedThen, sequence).Rows("sales-then").Select(row => row[2]));
    }

    private static Sequence Of(params (string Topic, string? Key, object? Value)[] records)
    {
        var sequence = new Sequence();
        var time = Noon.AddDays(9).UtcTicks;
        foreach (var (topic, key, value) in records)
        {
            sequence.AddRecords(topic, 0, time++, [new NewRecord(
                key is null ? null : Encoding.UTF8.GetBytes(key),
                value is null ? null : JsonSerializer.SerializeToUtf8Bytes(value, JsonSerializerOptions.Web))]);
        }

        return sequence;
    }
}
