using System.Buffers.Binary;
using System.Reflection.Emit;

namespace Kappa.Streams.Runtime;

/// <summary>Reads a text of one layout; false where it is of another, or of a form that is not known.</summary>
internal delegate bool ReadLayout<T>(ref byte text, int length, ref T value);

/// <summary>Code for one layout of a type: names are compared in words, values go to the constructor.</summary>
internal static class JsonCode
{
    public static ReadLayout<T> Make<T>(JsonPlan<T> plan, JsonLayout layout)
    {
        var method = new DynamicMethod(
            "read", typeof(bool), [typeof(byte).MakeByRefType(), typeof(int), typeof(T).MakeByRefType()],
            typeof(JsonCode).Module, skipVisibility: true);
        var code = method.GetILGenerator();
        var no = code.DefineLabel();
        var at = code.DeclareLocal(typeof(int));
        var values = Array.ConvertAll(plan.Fields, field => code.DeclareLocal(TypeOf(field.Kind)));
        foreach (var (before, field) in layout.Values)
        {
            Compare(code, at, before, no, isEnd: false);
            code.Emit(OpCodes.Ldarg_0);
            code.Emit(OpCodes.Ldarg_1);
            code.Emit(OpCodes.Ldloc, at);
            if (field >= 0)
            {
                code.Emit(OpCodes.Ldloca, values[field]);
            }

            code.Emit(OpCodes.Call, typeof(JsonBytes).GetMethod(
                field < 0 ? nameof(JsonBytes.TakeAny) : MethodOf(plan.Fields[field].Kind))!);
            code.Emit(OpCodes.Stloc, at);
            code.Emit(OpCodes.Ldloc, at);
            code.Emit(OpCodes.Ldc_I4_0);
            code.Emit(OpCodes.Blt, no);
            if (field >= 0)
            {
                CheckRange(code, plan.Fields[field], values[field], no);
            }
        }

        Compare(code, at, layout.End, no, isEnd: true);
        Build(code, plan, layout, values);
        code.Emit(OpCodes.Ldc_I4_1);
        code.Emit(OpCodes.Ret);
        code.MarkLabel(no);
        code.Emit(OpCodes.Ldc_I4_0);
        code.Emit(OpCodes.Ret);
        return method.CreateDelegate<ReadLayout<T>>();
    }

    private static void Build<T>(ILGenerator code, JsonPlan<T> plan, JsonLayout layout, LocalBuilder[] values)
    {
        var isRead = new bool[values.Length];
        foreach (var (_, field) in layout.Values.Where(value => value.Field >= 0))
        {
            isRead[field] = true;
        }

        code.Emit(OpCodes.Ldarg_2);
        if (plan.Constructor is { } constructor)
        {
            for (var i = 0; i < values.Length; i++)
            {
                if (isRead[i])
                {
                    Load(code, plan.Fields[i], values[i]);
                }
                else
                {
                    LoadDefault(code, plan.Fields[i]);
                }
            }

            code.Emit(OpCodes.Newobj, constructor);
        }
        else
        {
            var made = code.DeclareLocal(typeof(T));
            for (var i = 0; i < values.Length; i++)
            {
                if (isRead[i])
                {
                    code.Emit(OpCodes.Ldloca, made);
                    Load(code, plan.Fields[i], values[i]);
                    code.Emit(OpCodes.Call, plan.Setters[i]);
                }
            }

            code.Emit(OpCodes.Ldloc, made);
        }

        code.Emit(OpCodes.Stobj, typeof(T));
    }

    private static void Compare(ILGenerator code, LocalBuilder at, byte[] with, Label no, bool isEnd)
    {
        code.Emit(OpCodes.Ldarg_1);
        code.Emit(OpCodes.Ldloc, at);
        code.Emit(OpCodes.Sub);
        code.Emit(OpCodes.Ldc_I4, with.Length);
        code.Emit(isEnd ? OpCodes.Bne_Un : OpCodes.Blt, no);
        var whole = with.Length >= 8 ? 8 : with.Length >= 4 ? 4 : with.Length >= 2 ? 2 : 1;
        for (var done = 0; done < with.Length; done += whole)
        {
            // The last word overlaps the one before it, where it must.
            var offset = Math.Min(done, with.Length - whole);
            code.Emit(OpCodes.Ldarg_0);
            code.Emit(OpCodes.Ldloc, at);
            code.Emit(OpCodes.Add);
            code.Emit(OpCodes.Ldc_I4, offset);
            code.Emit(OpCodes.Add);
            if (whole > 1)
            {
                code.Emit(OpCodes.Unaligned, (byte)1);
            }

            code.Emit(whole switch
            {
                8 => OpCodes.Ldind_I8,
                4 => OpCodes.Ldind_I4,
                2 => OpCodes.Ldind_U2,
                _ => OpCodes.Ldind_U1,
            });
            Constant(code, with.AsSpan(offset, whole));
            code.Emit(OpCodes.Bne_Un, no);
        }

        code.Emit(OpCodes.Ldloc, at);
        code.Emit(OpCodes.Ldc_I4, with.Length);
        code.Emit(OpCodes.Add);
        code.Emit(OpCodes.Stloc, at);
    }

    private static void Constant(ILGenerator code, ReadOnlySpan<byte> bytes)
    {
        switch (bytes.Length)
        {
            case 8:
                code.Emit(OpCodes.Ldc_I8, BinaryPrimitives.ReadInt64LittleEndian(bytes));
                break;
            case 4:
                code.Emit(OpCodes.Ldc_I4, BinaryPrimitives.ReadInt32LittleEndian(bytes));
                break;
            case 2:
                code.Emit(OpCodes.Ldc_I4, (int)BinaryPrimitives.ReadUInt16LittleEndian(bytes));
                break;
            default:
                code.Emit(OpCodes.Ldc_I4, (int)bytes[0]);
                break;
        }
    }

    private static void CheckRange(ILGenerator code, JsonField field, LocalBuilder value, Label no)
    {
        if (field.Kind == JsonKind.Whole && (field.Least > long.MinValue || field.Most < long.MaxValue))
        {
            code.Emit(OpCodes.Ldloc, value);
            code.Emit(OpCodes.Ldc_I8, field.Least);
            code.Emit(OpCodes.Blt, no);
            code.Emit(OpCodes.Ldloc, value);
            code.Emit(OpCodes.Ldc_I8, field.Most);
            code.Emit(OpCodes.Bgt, no);
        }
    }

    private static void Load(ILGenerator code, JsonField field, LocalBuilder value)
    {
        code.Emit(OpCodes.Ldloc, value);
        if (field.Kind is JsonKind.Whole or JsonKind.Flag && field.Type != typeof(long))
        {
            code.Emit(field.Type switch
            {
                _ when field.Type == typeof(uint) => OpCodes.Conv_U4,
                _ when field.Type == typeof(short) => OpCodes.Conv_I2,
                _ when field.Type == typeof(ushort) => OpCodes.Conv_U2,
                _ when field.Type == typeof(sbyte) => OpCodes.Conv_I1,
                _ when field.Type == typeof(byte) => OpCodes.Conv_U1,
                _ => OpCodes.Conv_I4,
            });
        }
    }

    private static void LoadDefault(ILGenerator code, JsonField field)
    {
        switch (field.Default)
        {
            case string text:
                code.Emit(OpCodes.Ldstr, text);
                break;
            case double real:
                code.Emit(OpCodes.Ldc_R8, real);
                break;
            case bool flag:
                code.Emit(OpCodes.Ldc_I4, flag ? 1 : 0);
                break;
            case IConvertible whole:
                var value = code.DeclareLocal(typeof(long));
                code.Emit(OpCodes.Ldc_I8, whole.ToInt64(null));
                code.Emit(OpCodes.Stloc, value);
                Load(code, field, value);
                break;
            default:
                code.Emit(OpCodes.Ldloc, code.DeclareLocal(field.Type));
                break;
        }
    }

    private static Type TypeOf(JsonKind kind) => kind switch
    {
        JsonKind.Real => typeof(double),
        JsonKind.Text => typeof(string),
        JsonKind.ShortText => typeof(Text16),
        JsonKind.Time => typeof(DateTimeOffset),
        _ => typeof(long),
    };

    private static string MethodOf(JsonKind kind) => kind switch
    {
        JsonKind.Whole => nameof(JsonBytes.TakeWhole),
        JsonKind.Real => nameof(JsonBytes.TakeReal),
        JsonKind.Flag => nameof(JsonBytes.TakeFlag),
        JsonKind.Text => nameof(JsonBytes.TakeText),
        JsonKind.ShortText => nameof(JsonBytes.TakeShortText),
        JsonKind.Time => nameof(JsonBytes.TakeTime),
        _ => nameof(JsonBytes.TakeAny),
    };
}
