using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Kappa.Streams.Runtime;

/// <summary>
/// Immutable hash tables as JSON in the order of their texts: their own order follows string hashes, which every
/// process seeds anew, and would be seen in a table's bytes (promise P2).
/// </summary>
internal sealed class OrderedJson : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsGenericType
        && typeToConvert.GetGenericTypeDefinition() is var open
        && (open == typeof(ImmutableDictionary<,>) || open == typeof(ImmutableHashSet<>));

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(
            (typeToConvert.GetGenericArguments().Length == 2 ? typeof(Map<,>) : typeof(Set<>))
                .MakeGenericType(typeToConvert.GetGenericArguments()))!;

    private sealed class Map<TKey, T> : JsonConverter<ImmutableDictionary<TKey, T>>
        where TKey : notnull
    {
        public override ImmutableDictionary<TKey, T>? Read(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            JsonSerializer.Deserialize<Dictionary<TKey, T>>(ref reader, options)?.ToImmutableDictionary();

        // A dictionary that only grew gives its pairs in the order in which they came.
        public override void Write(
            Utf8JsonWriter writer, ImmutableDictionary<TKey, T> value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(
                writer, value.OrderBy(pair => TextOf(pair.Key, options), StringComparer.Ordinal).ToDictionary(),
                options);
    }

    private sealed class Set<T> : JsonConverter<ImmutableHashSet<T>>
    {
        public override ImmutableHashSet<T>? Read(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            JsonSerializer.Deserialize<List<T>>(ref reader, options)?.ToImmutableHashSet();

        public override void Write(Utf8JsonWriter writer, ImmutableHashSet<T> value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(
                writer, value.OrderBy(item => TextOf(item, options), StringComparer.Ordinal).ToList(), options);
    }

    private static string TextOf<T>(T value, JsonSerializerOptions options) =>
        value as string ?? JsonSerializer.Serialize(value, options);
}
