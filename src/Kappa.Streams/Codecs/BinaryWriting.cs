using System.Buffers;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Kappa.Streams.Codecs;

/// <summary>Writes the parts of a value in the binary format.</summary>
internal readonly ref struct BinaryWriting(IBufferWriter<byte> into)
{
    private static readonly Type[] Simple =
    [
        typeof(bool), typeof(sbyte), typeof(byte), typeof(short), typeof(ushort), typeof(int), typeof(uint),
        typeof(long), typeof(ulong), typeof(float), typeof(double), typeof(char), typeof(decimal), typeof(Guid),
        typeof(string), typeof(byte[]), typeof(DateTimeOffset), typeof(DateTime), typeof(TimeSpan), typeof(DateOnly),
        typeof(TimeOnly), typeof(Text16),
    ];

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Types that have a form of their own.</summary>
    public static bool IsSimple(Type type) => Simple.Contains(type);

    /// <summary>All instance fields, base classes' first, in order of declaration.</summary>
    public static IEnumerable<FieldInfo> Fields(Type type) =>
        (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) ? Fields(parent) : [])
        .Concat(type.GetFields(
            BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .OrderBy(field => field.MetadataToken));

    public void Byte(byte value)
    {
        into.GetSpan(1)[0] = value;
        into.Advance(1);
    }

    /// <summary>Numbers, and what is a number in memory: their bytes.</summary>
    public void Number<T>(T value)
        where T : unmanaged
    {
        var bytes = into.GetSpan(Unsafe.SizeOf<T>());
        MemoryMarshal.Write(bytes, in value);
        if (!BitConverter.IsLittleEndian)
        {
            bytes[..Unsafe.SizeOf<T>()].Reverse();
        }

        into.Advance(Unsafe.SizeOf<T>());
    }

    public void Text(string? value)
    {
        if (value is null)
        {
            Length(0);
            return;
        }

        // Half of a surrogate pair would come back as another character.
        var length = Strict.GetByteCount(value);
        Length((uint)length + 1);
        into.Advance(Strict.GetBytes(value, into.GetSpan(length)));
    }

    public void Bytes(byte[]? value)
    {
        if (value is null)
        {
            Length(0);
            return;
        }

        Length((uint)value.Length + 1);
        into.Write(value);
    }

    public void Decimal(decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        foreach (var part in parts)
        {
            Number(part);
        }
    }

    public void Guid(Guid value)
    {
        value.TryWriteBytes(into.GetSpan(16), bigEndian: true, out _);
        into.Advance(16);
    }

    public void Text16(Text16 value)
    {
        value.CopyTo(into.GetSpan(Streams.Text16.BytesMax));
        into.Advance(Streams.Text16.BytesMax);
    }

    private void Length(uint value)
    {
        var span = into.GetSpan(5);
        var used = 0;
        while (value >= 0x80)
        {
            span[used++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[used++] = (byte)value;
        into.Advance(used);
    }
}

/// <summary>Reads the parts of a value in the binary format.</summary>
internal ref struct BinaryReading(ReadOnlySpan<byte> bytes)
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _bytes = bytes;

    public readonly int Left => _bytes.Length;

    /// <summary>The first of so many bytes.</summary>
    public ref byte Run(int length) => ref MemoryMarshal.GetReference(Take(length));

    public byte Byte() => Take(1)[0];

    public bool Flag() => Byte() switch
    {
        0 => false,
        1 => true,
        var other => throw new InvalidDataException($"A flag is {other}; allowed are 0 and 1."),
    };

    public T Number<T>()
        where T : unmanaged
    {
        var taken = Take(Unsafe.SizeOf<T>());
        if (BitConverter.IsLittleEndian)
        {
            return MemoryMarshal.Read<T>(taken);
        }

        Span<byte> turned = stackalloc byte[taken.Length];
        taken.CopyTo(turned);
        turned.Reverse();
        return MemoryMarshal.Read<T>(turned);
    }

    public string? Text()
    {
        var length = Length();
        return length == 0 ? null : Strict.GetString(Take(length - 1));
    }

    public byte[]? Bytes()
    {
        var length = Length();
        return length == 0 ? null : Take(length - 1).ToArray();
    }

    public decimal Decimal() => new([Number<int>(), Number<int>(), Number<int>(), Number<int>()]);

    public Guid Guid() => new(Take(16), bigEndian: true);

    public Text16 Text16() => Streams.Text16.FromPadded(Take(Streams.Text16.BytesMax));

    private int Length()
    {
        uint value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var part = Byte();
            value |= (uint)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value <= int.MaxValue ? (int)value : throw Short();
            }
        }

        throw Short();
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _bytes.Length)
        {
            throw Short();
        }

        var taken = _bytes[..length];
        _bytes = _bytes[length..];
        return taken;
    }

    private static InvalidDataException Short() => new("The record ends in the middle of its value.");
}
