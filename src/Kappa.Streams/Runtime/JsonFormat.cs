using System.Buffers;
using System.Text.Json;

namespace Kappa.Streams.Runtime;

/// <summary>Events as JSON.</summary>
internal sealed class JsonFormat<T> : Codec<T>
{
    public override string Name => "json";

    public override void Write(T value, IBufferWriter<byte> into)
    {
        if (value is byte[] bytes)
        {
            into.Write(bytes);
            return;
        }

        using var writer = new Utf8JsonWriter(into);
        JsonSerializer.Serialize(writer, value, JsonCodec.Options);
    }

    public override T Read(ReadOnlySpan<byte> bytes) => JsonCodec.Decode<T>(bytes);
}
