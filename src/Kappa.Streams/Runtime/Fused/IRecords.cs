using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kappa.Log;
using Kappa.Streams.Codecs;

namespace Kappa.Streams.Runtime.Fused;

/// <summary>The events of a batch, one behind the other, found by their distance from an origin in bytes.</summary>
internal interface IRecords<T>
{
    /// <summary>Starts on a batch; false where something in it is no plain event.</summary>
    bool Begin(RecordBatch batch);

    /// <summary>Where the events are counted from.</summary>
    ref byte Origin(RecordBatch batch);

    /// <summary>
    /// Moves <paramref name="at"/>, 0 at first, behind the next event and returns where that is; −1 where it is no
    /// plain event.
    /// </summary>
    int Next(ref byte origin, ref int at);
}

/// <summary>Events whose bytes in the batch are those of the struct: nothing is copied.</summary>
internal struct InPlaceRecords<T> : IRecords<T>
{
    private int _end;

    public static bool IsPossible => Code < 0x4000;

    // What stands before a value of this size: its length + 2 as a varint of one or two bytes. Properties, not fields:
    // the compiler knows their values.
    private static uint Code => (uint)Unsafe.SizeOf<T>() + 2;

    private static int CodeLength => Code < 0x80 ? 1 : 2;

    private static ushort CodeBytes => (ushort)(Code < 0x80 ? Code : (Code & 0x7F) | 0x80 | (Code >> 7 << 8));

    public bool Begin(RecordBatch batch)
    {
        _end = batch.EncodedRecords.Length;
        return true;
    }

    public readonly ref byte Origin(RecordBatch batch) =>
        ref MemoryMarshal.GetReference(batch.EncodedRecords.Span);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int Next(ref byte origin, ref int at)
    {
        // A record is key, value, headers: see RecordCodec. Most have no key and no headers.
        var value = at + 1 + CodeLength;
        var end = value + Unsafe.SizeOf<T>();
        if (end < _end && Unsafe.Add(ref origin, at) == 0
            && IsCode(ref Unsafe.Add(ref origin, at + 1)) && Unsafe.Add(ref origin, end) == 0)
        {
            at = end + 1;
            return value;
        }

        return NextKeyed(ref origin, ref at);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsCode(ref byte at) => CodeLength == 1
        ? at == (byte)CodeBytes
        : Unsafe.ReadUnaligned<ushort>(ref at) == CodeBytes;

    /// <summary>Long keys and headers are left to the general path.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly int NextKeyed(ref byte origin, ref int at)
    {
        var next = at;
        if (next >= _end)
        {
            return -1;
        }

        uint key = Unsafe.Add(ref origin, next++);
        next += key == 0 ? 0 : (int)key - 1;
        var value = next + CodeLength;
        var end = value + Unsafe.SizeOf<T>();
        if (key >= 0x80 || end >= _end || !IsCode(ref Unsafe.Add(ref origin, next))
            || Unsafe.Add(ref origin, end) != 0)
        {
            return -1;
        }

        at = end + 1;
        return value;
    }
}

/// <summary>Events that are decoded, a batch at a time, into one array that is used again.</summary>
internal struct DecodedRecords<T>(Codec<T> codec) : IRecords<T>
{
    private T[] _values = [];

    public bool Begin(RecordBatch batch)
    {
        if (_values.Length < batch.Count)
        {
            _values = new T[batch.Count + (batch.Count / 2)];
        }

        if (batch.Projection is not null)
        {
            return batch.Projection is TypedProjection<T> typed && TryRead(batch, typed);
        }

        var next = 0;
        if (codec.ReadsRecords)
        {
            foreach (var record in batch)
            {
                if (!record.HasValue)
                {
                    return false;
                }

                _values[next++] = codec.Read(record);
            }

            return true;
        }

        var walk = new ValueWalk(batch.EncodedRecords.Span);
        for (var values = _values.AsSpan(0, batch.Count); next < values.Length; next++)
        {
            if (!walk.TryNext(out var value))
            {
                return false;
            }

            codec.Read(value, ref values[next]);
        }

        return true;
    }

    private readonly bool TryRead(RecordBatch batch, TypedProjection<T> typed)
    {
        var walk = new ValueWalk(batch.EncodedRecords.Span);
        foreach (ref var into in _values.AsSpan(0, batch.Count))
        {
            if (!walk.TryNext(out var value))
            {
                return false;
            }

            typed.Read(value, ref into);
        }

        return true;
    }

    public readonly ref byte Origin(RecordBatch batch) =>
        ref Unsafe.As<T, byte>(ref MemoryMarshal.GetArrayDataReference(_values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int Next(ref byte origin, ref int at)
    {
        var value = at;
        at += Unsafe.SizeOf<T>();
        return value;
    }
}

/// <summary>Events that are decoded out of the log, and read in place out of its twins (rule L11).</summary>
internal struct ProjectedRecords<T>(Codec<T> codec) : IRecords<T>
{
    private DecodedRecords<T> _decoded = new(codec);
    private InPlaceRecords<T> _inPlace;
    private bool _isInPlace;

    public bool Begin(RecordBatch batch)
    {
        _isInPlace = batch.Projection is TypedProjection<T> { IsInPlace: true };
        return _isInPlace ? _inPlace.Begin(batch) : _decoded.Begin(batch);
    }

    public readonly ref byte Origin(RecordBatch batch) =>
        ref _isInPlace ? ref _inPlace.Origin(batch) : ref _decoded.Origin(batch);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int Next(ref byte origin, ref int at) =>
        _isInPlace ? _inPlace.Next(ref origin, ref at) : _decoded.Next(ref origin, ref at);
}
