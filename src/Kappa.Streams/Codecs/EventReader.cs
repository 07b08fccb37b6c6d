using System.ComponentModel;

namespace Kappa.Streams.Codecs;

/// <summary>Reads the fields of an event in the binary format; generated code calls it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public ref struct EventReader
{
    private BinaryReading _from;

    internal EventReader(ReadOnlySpan<byte> bytes) => _from = new BinaryReading(bytes);

    internal readonly int Left => _from.Left;

    /// <summary>Reads a truth value.</summary>
    public bool Flag() => _from.Flag();

    /// <summary>Reads a number.</summary>
    public T Number<T>()
        where T : unmanaged => _from.Number<T>();

    /// <summary>Reads a text.</summary>
    public string? Text() => _from.Text();

    /// <summary>Reads bytes.</summary>
    public byte[]? Bytes() => _from.Bytes();

    /// <summary>Reads a decimal.</summary>
    public decimal Decimal() => _from.Decimal();

    /// <summary>Reads a GUID.</summary>
    public Guid Guid() => _from.Guid();

    /// <summary>Reads a short text.</summary>
    public Text16 Text16() => _from.Text16();

    /// <summary>Reads a span of time.</summary>
    public TimeSpan TimeSpan() => new(_from.Number<long>());

    /// <summary>Reads a date.</summary>
    public DateOnly DateOnly() => FieldFormat<DateOnly>.Read(ref _from);

    /// <summary>Reads a time of day.</summary>
    public TimeOnly TimeOnly() => new(_from.Number<long>());

    /// <summary>Reads a time with its offset.</summary>
    public DateTimeOffset DateTimeOffset() => FieldFormat<DateTimeOffset>.Read(ref _from);

    /// <summary>Reads a time with its kind.</summary>
    public DateTime DateTime() => FieldFormat<DateTime>.Read(ref _from);

    /// <summary>Reads what nothing was generated for.</summary>
    public T Value<T>() => FieldFormat<T>.Read(ref _from);
}
