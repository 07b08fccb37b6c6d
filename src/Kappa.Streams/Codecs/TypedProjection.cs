using System.Buffers;
using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.InteropServices;
using Kappa.Log;

namespace Kappa.Streams.Codecs;

/// <summary>The events of a topic as typed bytes: the binary form of their type (docs/formats/projection.md).</summary>
internal sealed class TypedProjection<T> : Projection
{
    private static readonly FieldInfo[] Times = [.. BinaryWriting.Fields(typeof(T)).Where(field =>
        (Nullable.GetUnderlyingType(field.FieldType) ?? field.FieldType) is var type
        && (type == typeof(DateTimeOffset) || type == typeof(DateTime)))];

    private static readonly Lazy<Action<T, TimeRange[]>> Observe = new(MakeObserve);

    private readonly Codec<T> _codec;
    private readonly Codec<T> _form;
    private readonly ReadFixed<T>? _fixed;
    private readonly int _fixedLength;

    public TypedProjection(string topic, string key, Codec<T> codec)
        : base(topic, key, [.. Times.Select(BinaryRules.NameOf)])
    {
        _codec = codec;
        _form = BinaryFormat.Of<T>();
        IsInPlace = _form.IsInPlace;
        _fixed = FixedFields.Trusting<T>();
        _fixedLength = _fixed is null ? -1 : FixedFields.SizeOf(typeof(T))!.Value;
    }

    /// <summary>Are the typed bytes those of the value in memory?</summary>
    public bool IsInPlace { get; }

    public override bool TryWrite(in Record record, IBufferWriter<byte> into, TimeRange[] times)
    {
        try
        {
            var value = _codec.Read(record);
            _form.Write(value, into);
            Observe.Value(value, times);
            return true;
        }
        catch (Exception error) when (UserCode.MayFail(error))
        {
            // Whoever reads the record itself gets the error again, or a value that has no typed form.
            return false;
        }
    }

    /// <summary>Reads typed bytes; false where they are none of this type's.</summary>
    public bool TryRead(ReadOnlySpan<byte> typed, out T value)
    {
        value = default!;
        try
        {
            Read(typed, ref value);
            return true;
        }
        catch (Exception error) when (UserCode.MayFail(error))
        {
            // The record itself counts: a twin is never more than a copy.
            return false;
        }
    }

    /// <summary>Reads typed bytes into a value that is there.</summary>
    /// <exception cref="InvalidDataException">They are none of this type's.</exception>
    public void Read(ReadOnlySpan<byte> typed, ref T value)
    {
        if (typed.Length == _fixedLength)
        {
            _fixed!(ref MemoryMarshal.GetReference(typed), ref value);
        }
        else
        {
            value = _form.Read(typed);
        }
    }

    private static Action<T, TimeRange[]> MakeObserve()
    {
        var value = Expression.Parameter(typeof(T));
        var times = Expression.Parameter(typeof(TimeRange[]));
        return Expression.Lambda<Action<T, TimeRange[]>>(
            Expression.Block(typeof(void), [Expression.Empty(), .. Times.Select((field, index) => Expression.Call(
                typeof(TypedProjection<T>), nameof(Add), null, times, Expression.Constant(index),
                Expression.Convert(Expression.Field(value, field), typeof(object))))]),
            value, times).Compile();
    }

    private static void Add(TimeRange[] times, int column, object? time)
    {
        if (time is not null)
        {
            times[column] = times[column].With(time is DateTimeOffset instant
                ? instant.UtcTicks
                : ((DateTime)time).Ticks);
        }
    }
}
