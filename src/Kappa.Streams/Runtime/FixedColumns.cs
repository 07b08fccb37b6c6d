using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Emit;
using Kappa.Tables;

namespace Kappa.Streams.Runtime;

/// <summary>Writes a value's columns, all of fixed length, to the front of a span.</summary>
internal delegate void WriteFixed<in T>(Span<byte> into, T value);

/// <summary>
/// The columns of a type whose bytes always have one length: numbers, times, flags, never null. They are written in one
/// go, the same bytes as <see cref="Columns{T}"/> writes.
/// </summary>
/// <param name="Length">How many bytes they have.</param>
/// <param name="Write">Writes them.</param>
internal sealed record FixedColumns<T>(int Length, WriteFixed<T> Write)
{
    /// <summary>Null where a column's length varies.</summary>
    public static FixedColumns<T>? Of(bool isKey)
    {
        if (!typeof(T).IsValueType || !System.Runtime.CompilerServices.RuntimeFeature.IsDynamicCodeCompiled)
        {
            return null;
        }

        var method = new DynamicMethod(
            "write", null, [typeof(Span<byte>), typeof(T)], typeof(FixedColumns).Module, skipVisibility: true);
        var code = method.GetILGenerator();
        var members = Shape.Members(typeof(T));
        var at = 0;
        foreach (var member in members.Count == 0 ? [null] : members.ToArray<MemberInfo?>())
        {
            var type = member is null ? typeof(T) : Shape.TypeOf(member);
            if (FixedColumns.WriterOf(type, isKey) is not { } writer)
            {
                return null;
            }

            code.Emit(OpCodes.Ldarg_0);
            code.Emit(OpCodes.Ldc_I4, at);
            Load(code, member);
            Convert(code, type, writer.GetParameters()[2].ParameterType);
            code.Emit(OpCodes.Call, writer);
            at += FixedColumns.LengthOf(writer);
        }

        code.Emit(OpCodes.Ret);
        return new FixedColumns<T>(at, method.CreateDelegate<WriteFixed<T>>());
    }

    private static void Load(ILGenerator code, MemberInfo? member)
    {
        switch (member)
        {
            case PropertyInfo property:
                code.Emit(OpCodes.Ldarga, (short)1);
                code.Emit(OpCodes.Call, property.GetMethod!);
                break;
            case FieldInfo field:
                code.Emit(OpCodes.Ldarga, (short)1);
                code.Emit(OpCodes.Ldfld, field);
                break;
            default:
                code.Emit(OpCodes.Ldarg_1);
                break;
        }
    }

    private static void Convert(ILGenerator code, Type from, Type to)
    {
        if (to == typeof(long) && from != typeof(long))
        {
            code.Emit(from == typeof(uint) || from == typeof(ushort) || from == typeof(byte)
                ? OpCodes.Conv_U8
                : OpCodes.Conv_I8);
        }
        else if (to == typeof(double) && from == typeof(float))
        {
            code.Emit(OpCodes.Conv_R8);
        }
    }
}

/// <summary>Columns of fixed length: see <see cref="KeyWriter"/> and <see cref="RowWriter"/>.</summary>
internal static class FixedColumns
{
    /// <summary>What writes a column of a type; null where its length varies or it may be null.</summary>
    public static MethodInfo? WriterOf(Type type, bool isKey)
    {
        var name = Nullable.GetUnderlyingType(type) is not null || type.IsEnum ? null : Shape.TypeOf(type) switch
        {
            ColumnType.Integer => isKey ? nameof(KeyInteger) : nameof(RowInteger),
            ColumnType.Boolean => isKey ? nameof(KeyBoolean) : nameof(RowBoolean),
            ColumnType.Double when !isKey => nameof(RowDouble),
            _ => null,
        };
        return name is null ? null : typeof(FixedColumns).GetMethod(name);
    }

    public static int LengthOf(MethodInfo writer) => writer.GetParameters()[2].ParameterType == typeof(bool) ? 2 : 9;

    public static void KeyInteger(Span<byte> into, int at, long value)
    {
        into[at] = 1;
        BinaryPrimitives.WriteUInt64BigEndian(into[(at + 1)..], (ulong)value ^ 0x8000_0000_0000_0000);
    }

    public static void KeyBoolean(Span<byte> into, int at, bool value) => RowBoolean(into, at, value);

    public static void RowInteger(Span<byte> into, int at, long value)
    {
        into[at] = 1;
        BinaryPrimitives.WriteInt64LittleEndian(into[(at + 1)..], value);
    }

    public static void RowBoolean(Span<byte> into, int at, bool value)
    {
        into[at] = 1;
        into[at + 1] = value ? (byte)1 : (byte)0;
    }

    public static void RowDouble(Span<byte> into, int at, double value)
    {
        // The one form of a double, as RowWriter has it.
        into[at] = 1;
        BinaryPrimitives.WriteDoubleLittleEndian(
            into[(at + 1)..], value == 0 ? 0 : double.IsNaN(value) ? double.NaN : value);
    }
}
