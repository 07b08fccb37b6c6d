using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Kappa.Log;

namespace Kappa.Streams.Runtime;

/// <summary>Reads what <see cref="StateWriter"/> wrote: from memory, or from a file piece by piece.</summary>
internal sealed class StateReader
{
    private const int PieceBytes = 256 << 10;

    private readonly IFile? _file;
    private readonly long _end;
    private ReadOnlyMemory<byte> _bytes;
    private long _next;
    private int _at;

    /// <summary>Reads bytes in memory.</summary>
    public StateReader(ReadOnlyMemory<byte> bytes) => _bytes = bytes;

    /// <summary>Reads a stretch of a file.</summary>
    public StateReader(IFile file, long start, long end) => (_file, _next, _end) = (file, start, end);

    public bool AtEnd => _at == _bytes.Length && (_file is null || _next == _end);

    /// <summary>How many bytes were taken so far, counted from anywhere.</summary>
    public long Position => _next - (_bytes.Length - _at);

    public byte ReadByte() => Take(1)[0];

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public string ReadString()
    {
        var length = ReadInt32();
        return new string(MemoryMarshal.Cast<byte, char>(Take(checked(length * 2))));
    }

    /// <summary>The next bytes; valid until the next call.</summary>
    public ReadOnlySpan<byte> Take(int length)
    {
        if (_bytes.Length - _at < length && _file is not null)
        {
            Fill(length);
        }

        var taken = _bytes.Slice(_at, length);
        _at += length;
        return taken.Span;
    }

    private void Fill(int length)
    {
        var rest = _bytes[_at..];
        var more = (int)Math.Min(Math.Max(length - rest.Length, PieceBytes), _end - _next);
        var piece = new byte[rest.Length + more];
        rest.CopyTo(piece);
        var read = _file!.Read(piece.AsSpan(rest.Length), _next);
        _bytes = piece.AsMemory(0, rest.Length + read);
        _next += read;
        _at = 0;
    }
}
