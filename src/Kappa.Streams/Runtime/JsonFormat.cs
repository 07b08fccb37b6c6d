using System.Buffers;
using System.Text.Json;

namespace Kappa.Streams.Runtime;

/// <summary>Events as JSON.</summary>
internal sealed class JsonFormat<T> : Codec<T>
{
    // A scanner learns as it goes and holds what it reads: each thread has its own.
    [ThreadStatic]
    private static JsonScanner<T>? t_scanner;

    public override string Name => "json";

    internal override bool IsJson => true;

    internal override Codec<TOther> Same<TOther>() => Codec.Json<TOther>();

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

    public override T Read(ReadOnlySpan<byte> bytes)
    {
        T value = default!;
        Read(bytes, ref value);
        return value;
    }

    internal override void Read(ReadOnlySpan<byte> bytes, ref T value)
    {
        if (t_scanner is null)
        {
            if (JsonPlan<T>.Known is not { } plan)
            {
                value = JsonCodec.Decode<T>(bytes);
                return;
            }

            t_scanner = new JsonScanner<T>(plan);
        }

        t_scanner.Read(bytes, ref value);
    }
}
