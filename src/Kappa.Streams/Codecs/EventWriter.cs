using System.Buffers;
using System.ComponentModel;

namespace Kappa.Streams.Codecs;

/// <summary>Writes the fields of an event in the binary format; generated code calls it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public ref struct EventWriter
{
    private BinaryWriting _into;

    internal EventWriter(IBufferWriter<byte> into) => _into = new BinaryWriting(into);

    /// <summary>Writes whether there is an object at all.</summary>
    /// <returns>Whether its fields follow.</returns>
    /// <exception cref="InvalidDataException">It is of a class that derives from the declared one.</exception>
    public readonly bool Begin<T>(T? value)
        where T : class
    {
        Flag(value is not null);
        return value is not null && (value.GetType() == typeof(T) ? true : throw new InvalidDataException(
            $"A {value.GetType().Name} stands where a {typeof(T).Name} is declared."));
    }

    /// <summary>Writes a truth value: one byte.</summary>
    public readonly void Flag(bool value) => _into.Byte(value ? (byte)1 : (byte)0);

    /// <summary>Writes a number, little-endian.</summary>
    public readonly void Number<T>(T value)
        where T : unmanaged => _into.Number(value);

    /// <summary>Writes a text in UTF-8 behind its length.</summary>
    public readonly void Text(string? value) => _into.Text(value);

    /// <summary>Writes bytes behind their number.</summary>
    public readonly void Bytes(byte[]? value) => _into.Bytes(value);

    /// <summary>Writes a decimal with its scale.</summary>
    public readonly void Decimal(decimal value) => _into.Decimal(value);

    /// <summary>Writes a GUID, most significant byte first.</summary>
    public readonly void Guid(Guid value) => _into.Guid(value);

    /// <summary>Writes a short text in its sixteen bytes.</summary>
    public readonly void Text16(Text16 value) => _into.Text16(value);

    /// <summary>Writes a span of time in ticks of 100 ns.</summary>
    public readonly void TimeSpan(TimeSpan value) => _into.Number(value.Ticks);

    /// <summary>Writes a date as the number of its day.</summary>
    public readonly void DateOnly(DateOnly value) => _into.Number(value.DayNumber);

    /// <summary>Writes a time of day in ticks.</summary>
    public readonly void TimeOnly(TimeOnly value) => _into.Number(value.Ticks);

    /// <summary>Writes a time with its offset.</summary>
    public void DateTimeOffset(DateTimeOffset value) => FieldFormat<DateTimeOffset>.Write(ref _into, value);

    /// <summary>Writes a time with its kind.</summary>
    public void DateTime(DateTime value) => FieldFormat<DateTime>.Write(ref _into, value);

    /// <summary>Writes what nothing was generated for.</summary>
    public void Value<T>(T value) => FieldFormat<T>.Write(ref _into, value);
}
