using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Kappa.Log;

namespace Kappa.Streams.Runtime;

/// <summary>Makes code that writes and reads all instance fields of a type, private and read-only ones too.</summary>
internal static class FieldCode
{
    public static StateCode<T> Make<T>()
    {
        var write = MakeWrite<T>();
        var read = MakeRead<T>();
        if (typeof(T).IsValueType)
        {
            return new StateCode<T>(write, read);
        }

        return new StateCode<T>(
            (into, value) =>
            {
                into.Write(value is null ? (byte)0 : (byte)1);
                if (value is null)
                {
                    return;
                }

                if (value.GetType() != typeof(T))
                {
                    throw new KappaException(
                        ErrorKind.Invalid, $"A state holds a {value.GetType()} where {typeof(T)} is declared.",
                        "Declare the type that is stored; a state holds no derived types.");
                }

                write(into, value);
            },
            from => from.ReadByte() == 0 ? default! : read(from));
    }

    /// <summary>All instance fields, base classes' first, in order of declaration.</summary>
    public static IEnumerable<FieldInfo> Fields(Type type) =>
        (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) ? Fields(parent) : [])
        .Concat(type.GetFields(
            BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .OrderBy(field => field.MetadataToken));

    private static Action<StateWriter, T> MakeWrite<T>()
    {
        var method = new DynamicMethod("write", null, [typeof(StateWriter), typeof(T)], typeof(FieldCode).Module,
            skipVisibility: true);
        var code = method.GetILGenerator();
        foreach (var field in Fields(typeof(T)))
        {
            code.Emit(OpCodes.Ldarg_0);
            if (typeof(T).IsValueType)
            {
                code.Emit(OpCodes.Ldarga_S, (byte)1);
            }
            else
            {
                code.Emit(OpCodes.Ldarg_1);
            }

            code.Emit(OpCodes.Ldfld, field);
            code.Emit(OpCodes.Call, typeof(StateCodec<>).MakeGenericType(field.FieldType).GetMethod("Write")!);
        }

        code.Emit(OpCodes.Ret);
        return method.CreateDelegate<Action<StateWriter, T>>();
    }

    private static Func<StateReader, T> MakeRead<T>()
    {
        var method = new DynamicMethod("read", typeof(T), [typeof(StateReader)], typeof(FieldCode).Module,
            skipVisibility: true);
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

        foreach (var field in Fields(typeof(T)))
        {
            code.Emit(typeof(T).IsValueType ? OpCodes.Ldloca : OpCodes.Ldloc, made);
            code.Emit(OpCodes.Ldarg_0);
            code.Emit(OpCodes.Call, typeof(StateCodec<>).MakeGenericType(field.FieldType).GetMethod("Read")!);
            code.Emit(OpCodes.Stfld, field);
        }

        code.Emit(OpCodes.Ldloc, made);
        code.Emit(OpCodes.Ret);
        return method.CreateDelegate<Func<StateReader, T>>();
    }
}
