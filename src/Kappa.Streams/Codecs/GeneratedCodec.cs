using System.Buffers;

namespace Kappa.Streams.Codecs;

/// <summary>A type in the binary format, by code that was generated when it was compiled.</summary>
internal sealed class GeneratedCodec<T, TFields> : Codec<T>
    where TFields : IBinaryFields<T>
{
    public override string Name => "binary";

    internal override Codec<TOther> Same<TOther>() => Codec.Binary<TOther>();

    public override void Write(T value, IBufferWriter<byte> into)
    {
        var writer = new EventWriter(into);
        TFields.Write(ref writer, value);
    }

    public override T Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new EventReader(bytes);
        var value = TFields.Read(ref reader);
        return reader.Left == 0
            ? value is null ? throw new InvalidDataException("The value is null.") : value
            : throw new InvalidDataException($"{reader.Left} bytes are left behind the {typeof(T).Name}.");
    }
}
