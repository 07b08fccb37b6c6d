using System.Buffers;
using System.Buffers.Binary;

namespace Kappa.Streams.Runtime;

/// <summary>Takes bytes of a state that is written piece by piece.</summary>
internal delegate void StateSink(ReadOnlySpan<byte> bytes);

/// <summary>Writes the bytes of a state, little-endian: into memory, or piece by piece into a sink.</summary>
internal sealed class StateWriter(StateSink? sink = null)
{
    private const int PieceBytes = 256 << 10;

    private readonly ArrayBufferWriter<byte> _bytes = new(1 << 12);
    private long _passedOn;

    /// <summary>What is in memory: everything, where there is no sink.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.WrittenMemory;

    /// <summary>Bytes written so far.</summary>
    public long Length => _passedOn + _bytes.WrittenCount;

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

    /// <summary>An entry is complete: what came together may go on to the sink.</summary>
    public void EndEntry()
    {
        if (_bytes.WrittenCount >= PieceBytes)
        {
            Flush();
        }
    }

    /// <summary>Passes everything on to the sink.</summary>
    public void Flush()
    {
        if (sink is not null && _bytes.WrittenCount > 0)
        {
            sink(_bytes.WrittenSpan);
            _passedOn += _bytes.WrittenCount;
            _bytes.ResetWrittenCount();
        }
    }

    /// <summary>Begins again; without a sink.</summary>
    public void Clear() => _bytes.ResetWrittenCount();
}
