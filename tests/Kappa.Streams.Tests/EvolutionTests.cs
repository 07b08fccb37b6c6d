using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Kappa.Streams.Runtime;
using Xunit;

namespace Kappa.Streams.Tests;

/// <summary>The types that docs/guides/evolution.md shows read the records it says they read.</summary>
public sealed class EvolutionTests
{
    [Fact]
    public void An_old_record_has_the_default_of_a_field_that_was_added()
    {
        Assert.Equal(new Order("a", 2), Decode<Order>("""{"id":"a","price":2}"""));
        Assert.Equal(
            new Order("a", 2, "USD", "c"), Decode<Order>("""{"id":"a","price":2,"currency":"USD","coupon":"c"}"""));
    }

    [Fact]
    public void A_field_that_may_be_null_is_still_required_without_a_default() =>
        Assert.Throws<JsonException>(() => Decode<Required>("""{"id":"a"}"""));

    [Fact]
    public void A_field_is_read_under_its_old_name_and_its_new_one()
    {
        Assert.Equal(4, Decode<Delivery>("""{"id":"a","weight":4}""").Kg);
        Assert.Equal(4, Decode<Delivery>("""{"id":"a","weightKg":4}""").Kg);
        Assert.Throws<FormatException>(() => Decode<Delivery>("""{"id":"a"}""").Kg);
    }

    private static T Decode<T>(string json) => JsonCodec.Decode<T>(Encoding.UTF8.GetBytes(json));

    // <optional>
    public sealed record Order(string Id, double Price, string Currency = "EUR", string? Coupon = null);
    // </optional>

    // <renamed>
    public sealed record Delivery(
        string Id,
        [property: JsonPropertyName("weight")] double? OldWeight = null,
        double? WeightKg = null)
    {
        public double Kg => WeightKg ?? OldWeight ?? throw new FormatException($"Delivery '{Id}' has no weight.");
    }
    // </renamed>

    private sealed record Required(string Id, string? Note);
}
