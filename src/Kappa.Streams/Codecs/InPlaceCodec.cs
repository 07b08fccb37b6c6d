using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kappa.Streams.Codecs;

/// <summary>A struct whose bytes in memory are its bytes in the binary format.</summary>
internal sealed class InPlaceCodec<T> : Codec<T>
    where T : struct
{
    public override string Name => "binary";

    internal override bool IsInPlace => true;

    internal override Codec<TOther> Same<TOther>() => Codec.Binary<TOther>();

    public override void Write(T value, IBufferWriter<byte> into)
    {
        MemoryMarshal.Write(into.GetSpan(Unsafe.SizeOf<T>()), in value);
        into.Advance(Unsafe.SizeOf<T>());
    }

    public override T Read(ReadOnlySpan<byte> bytes) => bytes.Length == Unsafe.SizeOf<T>()
        ? MemoryMarshal.Read<T>(bytes)
        : throw new InvalidDataException(
            $"A {typeof(T).Name} has {Unsafe.SizeOf<T>()} bytes; the record has {bytes.Length}.");
}
