using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace Kappa.Streams.Codecs;

/// <summary>Writes one type in the binary format.</summary>
internal delegate void WriteField<in T>(ref BinaryWriting into, T value);

/// <summary>Reads one type in the binary format.</summary>
internal delegate T ReadField<out T>(ref BinaryReading from);

/// <summary>How a type is written and read in the binary format: code made once per type.</summary>
internal static class FieldFormat<T>
{
    private static readonly Lazy<(WriteField<T> Write, ReadField<T> Read)> Code = new(FieldFormat.Make<T>);

    private static ReadField<T>? s_read;

    public static void Write(ref BinaryWriting into, T value) => Code.Value.Write(ref into, value);

    public static T Read(ref BinaryReading from) => (s_read ??= Code.Value.Read)(ref from);
}

/// <summary>Makes the code of a type.</summary>
internal static class FieldFormat
{
    public static (WriteField<T> Write, ReadField<T> Read) Make<T>()
    {
        var type = typeof(T);
        if (Simple(type) is { } simple)
        {
            return ((WriteField<T>, ReadField<T>))simple;
        }

        if (Nullable.GetUnderlyingType(type) is { } plain)
        {
            return ((WriteField<T>, ReadField<T>))Call(nameof(OfNullable), plain);
        }

        if (type.IsEnum)
        {
            return ((WriteField<T>, ReadField<T>))Call(nameof(OfEnum), type, type.GetEnumUnderlyingType());
        }

        if (type.IsPrimitive)
        {
            return ((WriteField<T>, ReadField<T>))Call(nameof(OfNumber), type);
        }

        var (write, read) = (MakeWrite<T>(), MakeRead<T>());
        return type.IsValueType
            ? (write, read)
            : ((ref BinaryWriting into, T value) =>
                {
                    into.Byte(value is null ? (byte)0 : (byte)1);
                    if (value is not null)
                    {
                        write(ref into, value.GetType() == typeof(T) ? value : throw new InvalidDataException(
                            $"A {value.GetType().Name} stands where a {typeof(T).Name} is declared."));
                    }
                },
                (ref BinaryReading from) => from.Flag() ? read(ref from) : default!);
    }

    private static (WriteField<T>, ReadField<T>) Of<T>(WriteField<T> write, ReadField<T> read) => (write, read);

    private static object? Simple(Type type) => type switch
    {
        _ when type == typeof(bool) => Of(
            (ref BinaryWriting into, bool value) => into.Byte(value ? (byte)1 : (byte)0),
            (ref BinaryReading from) => from.Flag()),
        _ when type == typeof(string) => Of(
            (ref BinaryWriting into, string? value) => into.Text(value), (ref BinaryReading from) => from.Text()),
        _ when type == typeof(byte[]) => Of(
            (ref BinaryWriting into, byte[]? value) => into.Bytes(value), (ref BinaryReading from) => from.Bytes()),
        _ when type == typeof(decimal) => Of(
            (ref BinaryWriting into, decimal value) => into.Decimal(value),
            (ref BinaryReading from) => from.Decimal()),
        _ when type == typeof(Guid) => Of(
            (ref BinaryWriting into, Guid value) => into.Guid(value), (ref BinaryReading from) => from.Guid()),
        _ when type == typeof(Text16) => Of(
            (ref BinaryWriting into, Text16 value) => into.Text16(value), (ref BinaryReading from) => from.Text16()),
        _ when type == typeof(TimeSpan) => Of(
            (ref BinaryWriting into, TimeSpan value) => into.Number(value.Ticks),
            (ref BinaryReading from) => new TimeSpan(from.Number<long>())),
        _ when type == typeof(DateOnly) => Of(
            (ref BinaryWriting into, DateOnly value) => into.Number(value.DayNumber),
            (ref BinaryReading from) => DateOnly.FromDayNumber(from.Number<int>())),
        _ when type == typeof(TimeOnly) => Of(
            (ref BinaryWriting into, TimeOnly value) => into.Number(value.Ticks),
            (ref BinaryReading from) => new TimeOnly(from.Number<long>())),
        _ when type == typeof(DateTimeOffset) => Of(
            (ref BinaryWriting into, DateTimeOffset value) =>
            {
                into.Number(value.Ticks);
                into.Number((short)value.TotalOffsetMinutes);
            },
            (ref BinaryReading from) =>
                new DateTimeOffset(from.Number<long>(), TimeSpan.FromMinutes(from.Number<short>()))),
        _ when type == typeof(DateTime) => Of(
            (ref BinaryWriting into, DateTime value) =>
            {
                into.Number(value.Ticks);
                into.Byte((byte)value.Kind);
            },
            (ref BinaryReading from) => new DateTime(from.Number<long>(), (DateTimeKind)from.Byte())),
        _ => null,
    };

    private static (WriteField<T>, ReadField<T>) OfNumber<T>()
        where T : unmanaged => Of(
            (ref BinaryWriting into, T value) => into.Number(value),
            (ref BinaryReading from) => from.Number<T>());

    private static (WriteField<T>, ReadField<T>) OfEnum<T, TNumber>()
        where T : unmanaged
        where TNumber : unmanaged => Of(
            (ref BinaryWriting into, T value) => into.Number(Unsafe.BitCast<T, TNumber>(value)),
            (ref BinaryReading from) => Unsafe.BitCast<TNumber, T>(from.Number<TNumber>()));

    private static (WriteField<T?>, ReadField<T?>) OfNullable<T>()
        where T : struct => Of<T?>(
            (ref BinaryWriting into, T? value) =>
            {
                into.Byte(value.HasValue ? (byte)1 : (byte)0);
                if (value.HasValue)
                {
                    FieldFormat<T>.Write(ref into, value.Value);
                }
            },
            (ref BinaryReading from) => from.Flag() ? FieldFormat<T>.Read(ref from) : null);

    private static WriteField<T> MakeWrite<T>()
    {
        var method = new DynamicMethod(
            "write", null, [typeof(BinaryWriting).MakeByRefType(), typeof(T)], typeof(FieldFormat).Module, true);
        var code = method.GetILGenerator();
        foreach (var field in BinaryWriting.Fields(typeof(T)))
        {
            code.Emit(OpCodes.Ldarg_0);
            code.Emit(typeof(T).IsValueType ? OpCodes.Ldarga : OpCodes.Ldarg, (short)1);
            code.Emit(OpCodes.Ldfld, field);
            code.Emit(OpCodes.Call, typeof(FieldFormat<>).MakeGenericType(field.FieldType).GetMethod("Write")!);
        }

        code.Emit(OpCodes.Ret);
        return method.CreateDelegate<WriteField<T>>();
    }

    private static ReadField<T> MakeRead<T>()
    {
        var method = new DynamicMethod(
            "read", typeof(T), [typeof(BinaryReading).MakeByRefType()], typeof(FieldFormat).Module, true);
        var code = method.GetILGenerator();
        var made = code.DeclareLocal(typeof(T));
        if (typeof(T).IsValueType)
        {
            code.Emit(OpCodes.Ldloca, made);
            code.Emit(OpCodes.Initobj, typeof(T));
        }
        else
        {
            code.Emit(OpCodes.Ldtoken, typeof(T));
            code.Emit(OpCodes.Call, typeof(Type).GetMethod(nameof(Type.GetTypeFromHandle))!);
            code.Emit(OpCodes.Call, typeof(RuntimeHelpers).GetMethod(nameof(RuntimeHelpers.GetUninitializedObject))!);
            code.Emit(OpCodes.Castclass, typeof(T));
            code.Emit(OpCodes.Stloc, made);
        }

        var run = code.DeclareLocal(typeof(byte).MakeByRefType());
        var fixedFields = new List<FieldInfo>();
        foreach (var field in BinaryWriting.Fields(typeof(T)))
        {
            if (FixedFields.SizeOf(field.FieldType) is not null)
            {
                fixedFields.Add(field);
                continue;
            }

            ReadRun(code, made, run, fixedFields);
            code.Emit(typeof(T).IsValueType ? OpCodes.Ldloca : OpCodes.Ldloc, made);
            code.Emit(OpCodes.Ldarg_0);
            code.Emit(OpCodes.Call, typeof(FieldFormat<>).MakeGenericType(field.FieldType).GetMethod("Read")!);
            code.Emit(OpCodes.Stfld, field);
        }

        ReadRun(code, made, run, fixedFields);
        code.Emit(OpCodes.Ldloc, made);
        code.Emit(OpCodes.Ret);
        return method.CreateDelegate<ReadField<T>>();
    }

    /// <summary>Fields of fixed length that stand together are taken at once.</summary>
    private static void ReadRun(ILGenerator code, LocalBuilder made, LocalBuilder run, List<FieldInfo> fields)
    {
        if (fields.Count > 0)
        {
            code.Emit(OpCodes.Ldarg_0);
            code.Emit(OpCodes.Ldc_I4, fields.Sum(field => FixedFields.SizeOf(field.FieldType)!.Value));
            code.Emit(OpCodes.Call, typeof(BinaryReading).GetMethod(nameof(BinaryReading.Run))!);
            code.Emit(OpCodes.Stloc, run);
            FixedFields.Read(
                code, fields, () => code.Emit(made.LocalType.IsValueType ? OpCodes.Ldloca : OpCodes.Ldloc, made),
                () => code.Emit(OpCodes.Ldloc, run));
            fields.Clear();
        }
    }

    private static object Call(string method, params Type[] types) =>
        typeof(FieldFormat).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(types).Invoke(null, null)!;
}
