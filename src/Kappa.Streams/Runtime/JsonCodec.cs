using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Kappa.Streams.Runtime;

/// <summary>
/// Events as JSON (docs/formats/json.md): names are case-insensitive, unknown ones skipped, missing required ones an
/// error, enums by name, times with their offset. Byte arrays are taken as they are.
/// </summary>
internal static class JsonCodec
{
    public static readonly JsonSerializerOptions Options = new()
    {
        // Said, so that types can be looked at before the first one was read.
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        PropertyNameCaseInsensitive = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters =
        {
            new JsonStringEnumConverter(), new OrderedJson(), new JsonTimes.Instants(), new JsonTimes.Clocks(),
        },
    };

    public static T Decode<T>(ReadOnlySpan<byte> value)
    {
        if (typeof(T) == typeof(byte[]))
        {
            return (T)(object)value.ToArray();
        }

        return JsonSerializer.Deserialize<T>(value, Options)
            ?? throw new JsonException("The value is null.");
    }
}
