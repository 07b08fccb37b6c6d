using System.Buffers;
using System.Buffers.Binary;

namespace Kappa.Streams.Runtime;

/// <summary>Writes the bytes of a state file, little-endian.</summary>
internal sealed class StateWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new(1 << 16);

    public ReadOnlyMemory<byte> Written => _bytes.WrittenMemory;

    public void Write(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
    }

    public void Write(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.GetSpan(4), value);
        _bytes.Advance(4);
    }

    public void Write(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.GetSpan(8), value);
        _bytes.Advance(8);
    }

    public void Write(ReadOnlySpan<byte> value) => _bytes.Write(value);

    public void Write(string value)
    {
        // UTF-16 as it is: a state must come back exactly, lone surrogates too.
        Write(value.Length);
        _bytes.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes(value.AsSpan()));
    }
}

/// <summary>Reads what <see cref="StateWriter"/> wrote.</summary>
internal sealed class StateReader(ReadOnlyMemory<byte> bytes)
{
    private int _at;

    public bool AtEnd => _at == bytes.Length;

    public byte ReadByte() => Take(1)[0];

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public string ReadString()
    {
        var length = ReadInt32();
        return new string(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, char>(Take(checked(length * 2))));
    }

    /// <summary>Everything not read yet.</summary>
    public ReadOnlyMemory<byte> Rest() => bytes[_at..];

    public ReadOnlySpan<byte> Take(int length) => TakeMemory(length).Span;

    public ReadOnlyMemory<byte> TakeMemory(int length)
    {
        var taken = bytes.Slice(_at, length);
        _at += length;
        return taken;
    }
}
