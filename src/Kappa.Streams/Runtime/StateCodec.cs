using System.Runtime.InteropServices;

namespace Kappa.Streams.Runtime;

/// <summary>
/// Writes and reads values of a type into state files, exactly: simple types by their bytes, everything else field by
/// field, whatever its accessibility. Code is made once per type; the bytes never leave the machine's own state files.
/// </summary>
internal static class StateCodec<T>
{
    private static readonly Lazy<StateCode<T>> Code = new(StateCode.Make<T>);

    public static void Write(StateWriter into, T value) => Code.Value.Write(into, value);

    public static T Read(StateReader from) => Code.Value.Read(from);
}

/// <summary>How one type is written and read.</summary>
internal sealed record StateCode<T>(Action<StateWriter, T> Write, Func<StateReader, T> Read);

/// <summary>Finds or makes the code of a type.</summary>
internal static class StateCode
{
    public static StateCode<T> Make<T>()
    {
        var type = typeof(T);
        if (Simple(type) is { } simple)
        {
            return (StateCode<T>)simple;
        }

        if (typeof(IKeyedState).IsAssignableFrom(type))
        {
            return (StateCode<T>)Call(nameof(OfKeyedState), type);
        }

        if (Nullable.GetUnderlyingType(type) is { } plain)
        {
            return (StateCode<T>)Call(nameof(OfNullable), plain);
        }

        if (StateCollections.Find(type) is { } collection)
        {
            return (StateCode<T>)collection;
        }

        // Primitives, enums, times: their own bytes. Structs of users have padding and references: field by field.
        if (type.IsPrimitive || type.IsEnum || type == typeof(decimal) || type == typeof(Guid)
            || type == typeof(TimeSpan)
            || type == typeof(DateOnly) || type == typeof(TimeOnly) || type == typeof(DateTime))
        {
            return (StateCode<T>)Call(nameof(OfBytes), type);
        }

        return FieldCode.Make<T>();
    }

    private static object? Simple(Type type)
    {
        if (type == typeof(string))
        {
            return new StateCode<string?>(
                (into, value) =>
                {
                    into.Write(value is null ? (byte)0 : (byte)1);
                    if (value is not null)
                    {
                        into.Write(value);
                    }
                },
                from => from.ReadByte() == 0 ? null : from.ReadString());
        }

        return type == typeof(DateTimeOffset)
            ? new StateCode<DateTimeOffset>(
                (into, value) =>
                {
                    into.Write(value.Ticks);
                    into.Write(value.Offset.Ticks);
                },
                from => new DateTimeOffset(from.ReadInt64(), new TimeSpan(from.ReadInt64())))
            : null;
    }

    private static StateCode<T> OfBytes<T>()
        where T : struct => new(
            (into, value) => into.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value))),
            from => MemoryMarshal.Read<T>(from.Take(System.Runtime.CompilerServices.Unsafe.SizeOf<T>())));

    private static StateCode<T?> OfNullable<T>()
        where T : struct => new(
            (into, value) =>
            {
                into.Write(value.HasValue ? (byte)1 : (byte)0);
                if (value.HasValue)
                {
                    StateCodec<T>.Write(into, value.Value);
                }
            },
            from => from.ReadByte() == 0 ? null : StateCodec<T>.Read(from));

    private static StateCode<T> OfKeyedState<T>()
        where T : IKeyedState, new() => new(
            (into, value) => value.Save(into),
            from =>
            {
                var state = new T();
                state.Load(from);
                return state;
            });

    private static object Call(string method, Type type) =>
        typeof(StateCode).GetMethod(method,
            System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!
            .MakeGenericMethod(type).Invoke(null, null)!;
}
