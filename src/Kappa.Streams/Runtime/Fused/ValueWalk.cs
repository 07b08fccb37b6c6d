using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kappa.Log;

namespace Kappa.Streams.Runtime.Fused;

/// <summary>
/// Walks the values of encoded records (see <see cref="RecordCodec"/>), and makes no records of them.
/// </summary>
internal ref struct ValueWalk(ReadOnlySpan<byte> records)
{
    private readonly ReadOnlySpan<byte> _records = records;
    private int _at;

    /// <summary>Moves to the next record; false where it has no value.</summary>
    /// <exception cref="KappaException">The bytes end early.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryNext(out ReadOnlySpan<byte> value)
    {
        var key = (int)Varint();
        _at += key == 0 ? 0 : key - 1;
        var code = (int)Varint();
        if (code < 2 || (uint)_at > (uint)_records.Length || code - 2 > _records.Length - _at)
        {
            value = default;
            return false;
        }

        value = MemoryMarshal.CreateReadOnlySpan(
            ref Unsafe.Add(ref MemoryMarshal.GetReference(_records), _at), code - 2);
        _at += code - 2;
        for (var headers = Varint(); headers > 0; headers--)
        {
            _at += (int)Varint();
            _at += (int)Varint();
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint Varint()
    {
        if ((uint)_at < (uint)_records.Length && _records[_at] < 0x80)
        {
            return _records[_at++];
        }

        return RecordCodec.ReadVarint(_records, ref _at);
    }
}
