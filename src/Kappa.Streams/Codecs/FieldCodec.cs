using System.Buffers;

namespace Kappa.Streams.Codecs;

/// <summary>A type in the binary format, field after field.</summary>
internal sealed class FieldCodec<T> : Codec<T>
{
    public override string Name => "binary";

    internal override Codec<TOther> Same<TOther>() => Codec.Binary<TOther>();

    public override void Write(T value, IBufferWriter<byte> into)
    {
        var writing = new BinaryWriting(into);
        FieldFormat<T>.Write(ref writing, value);
    }

    public override T Read(ReadOnlySpan<byte> bytes)
    {
        var reading = new BinaryReading(bytes);
        var value = FieldFormat<T>.Read(ref reading);
        return reading.Left == 0
            ? value is null ? throw new InvalidDataException("The value is null.") : value
            : throw new InvalidDataException($"{reading.Left} bytes are left behind the {typeof(T).Name}.");
    }
}
