using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kappa.Streams.Codecs;

/// <summary>Reads a struct from bytes of fixed length.</summary>
internal delegate void ReadFixed<T>(ref byte from, ref T into);

/// <summary>Types that have one length in the binary format, read without looking at each byte's end.</summary>
internal static class FixedFields
{
    /// <summary>The length of a type in the format; null where it varies.</summary>
    public static int? SizeOf(Type type)
    {
        if (!BitConverter.IsLittleEndian || !RuntimeFeature.IsDynamicCodeCompiled)
        {
            return null;
        }

        if (type.IsEnum)
        {
            return SizeOf(type.GetEnumUnderlyingType());
        }

        if (LeafOf(type) is { } leaf)
        {
            return leaf;
        }

        if (!type.IsValueType || type.IsPrimitive || Nullable.GetUnderlyingType(type) is not null
            || BinaryWriting.IsSimple(type))
        {
            return null;
        }

        var sum = 0;
        foreach (var field in BinaryWriting.Fields(type))
        {
            if (SizeOf(field.FieldType) is not { } size)
            {
                return null;
            }

            sum += size;
        }

        return sum;
    }

    /// <summary>Reads all of a struct out of bytes that can be trusted; null where its length varies.</summary>
    public static ReadFixed<T>? Trusting<T>()
    {
        if (!typeof(T).IsValueType || LeafOf(typeof(T)) is not null || typeof(T).IsEnum || SizeOf(typeof(T)) is null)
        {
            return null;
        }

        var method = new DynamicMethod(
            "read", null, [typeof(byte).MakeByRefType(), typeof(T).MakeByRefType()], typeof(FixedFields).Module, true);
        var code = method.GetILGenerator();
        Read(code, BinaryWriting.Fields(typeof(T)), () => code.Emit(OpCodes.Ldarg_1), () => code.Emit(OpCodes.Ldarg_0),
            isTrusted: true);
        code.Emit(OpCodes.Ret);
        return method.CreateDelegate<ReadFixed<T>>();
    }

    /// <summary>Emits what reads fields that stand one behind the other.</summary>
    /// <param name="code">Takes the code.</param>
    /// <param name="fields">The fields.</param>
    /// <param name="owner">Loads whose fields they are.</param>
    /// <param name="from">Loads where the first one's bytes are.</param>
    /// <param name="isTrusted">Were the bytes written and verified by Kappa?</param>
    public static void Read(
        ILGenerator code, IEnumerable<FieldInfo> fields, Action owner, Action from, bool isTrusted = false)
    {
        var at = 0;
        foreach (var field in fields)
        {
            at = Read(code, field, owner, from, at, isTrusted);
        }
    }

    private static int Read(
        ILGenerator code, FieldInfo field, Action owner, Action from, int at, bool isTrusted)
    {
        var type = field.FieldType.IsEnum ? field.FieldType.GetEnumUnderlyingType() : field.FieldType;
        if (LeafOf(type) is not { } length)
        {
            foreach (var inner in BinaryWriting.Fields(type))
            {
                at = Read(
                    code, inner,
                    () =>
                    {
                        owner();
                        code.Emit(OpCodes.Ldflda, field);
                    },
                    from, at, isTrusted);
            }

            return at;
        }

        owner();
        from();
        code.Emit(OpCodes.Ldc_I4, at);
        code.Emit(OpCodes.Add);
        if (IsCopied(type, isTrusted))
        {
            code.Emit(OpCodes.Unaligned, (byte)1);
            code.Emit(OpCodes.Ldobj, type);
        }
        else
        {
            code.Emit(OpCodes.Call, MethodOf(type));
        }

        code.Emit(OpCodes.Stfld, field);
        return at + length;
    }

    /// <summary>Are its bytes those in memory? What could be none of its values must be trusted for that.</summary>
    private static bool IsCopied(Type type, bool isTrusted) =>
        (type.IsPrimitive && type != typeof(bool)) || type == typeof(TimeSpan)
        || (isTrusted && (type == typeof(bool) || type == typeof(Text16)));

    private static MethodInfo MethodOf(Type type) => typeof(FixedValues).GetMethod(type.Name)!;

    private static int? LeafOf(Type type) => type switch
    {
        _ when type == typeof(bool) => 1,
        _ when type == typeof(decimal) || type == typeof(Guid) || type == typeof(Text16) => 16,
        _ when type == typeof(TimeSpan) || type == typeof(TimeOnly) => 8,
        _ when type == typeof(DateOnly) => 4,
        _ when type == typeof(DateTime) => 9,
        _ when type == typeof(DateTimeOffset) => 10,
        _ when type == typeof(nint) || type == typeof(nuint) => null,
        _ when type == typeof(char) => 2,
        _ when type.IsPrimitive => Marshal.SizeOf(type),
        _ => null,
    };
}

/// <summary>Values of fixed length, each by the name of its type.</summary>
internal static class FixedValues
{
    public static bool Boolean(ref byte from) => from <= 1
        ? from == 1
        : throw new InvalidDataException($"A flag is {from}; allowed are 0 and 1.");

    public static decimal Decimal(ref byte from) =>
        new([Number<int>(ref from), Int(ref from, 4), Int(ref from, 8), Int(ref from, 12)]);

    public static Guid Guid(ref byte from) => new(MemoryMarshal.CreateReadOnlySpan(ref from, 16), bigEndian: true);

    public static Text16 Text16(ref byte from) =>
        Streams.Text16.FromPadded(MemoryMarshal.CreateReadOnlySpan(ref from, Streams.Text16.BytesMax));

    public static TimeOnly TimeOnly(ref byte from) => new(Number<long>(ref from));

    public static DateOnly DateOnly(ref byte from) => System.DateOnly.FromDayNumber(Number<int>(ref from));

    public static DateTime DateTime(ref byte from) =>
        new(Number<long>(ref from), (DateTimeKind)Unsafe.Add(ref from, 8));

    public static DateTimeOffset DateTimeOffset(ref byte from) =>
        new(Number<long>(ref from), System.TimeSpan.FromMinutes(Number<short>(ref Unsafe.Add(ref from, 8))));

    private static T Number<T>(ref byte from)
        where T : unmanaged => Unsafe.ReadUnaligned<T>(ref from);

    private static int Int(ref byte from, int at) => Number<int>(ref Unsafe.Add(ref from, at));
}
