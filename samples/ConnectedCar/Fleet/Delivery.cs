using System.Text.Json;

namespace ConnectedCar.Fleet;

/// <summary>One line on its way: the JSON of a sample, and when it leaves the device.</summary>
internal readonly record struct Delivery(DateTimeOffset SentAt, ReadOnlyMemory<byte> Json)
{
    private static readonly JsonSerializerOptions CamelCase = new(JsonSerializerDefaults.Web);

    public static Delivery Of(Telemetry sample, DateTimeOffset sentAt) =>
        new(sentAt, JsonSerializer.SerializeToUtf8Bytes(sample, CamelCase));
}
