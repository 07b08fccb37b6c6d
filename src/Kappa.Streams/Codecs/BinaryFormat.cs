using System.Reflection;
using System.Runtime.InteropServices;

namespace Kappa.Streams.Codecs;

/// <summary>Chooses how a type is read and written in the binary format (docs/formats/binary.md).</summary>
internal static class BinaryFormat
{
    private static readonly Type[] Numbers =
    [
        typeof(sbyte), typeof(byte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long),
        typeof(ulong), typeof(float), typeof(double),
    ];

    /// <summary>Are a type's bytes in memory its bytes in the format?</summary>
    public static bool IsInPlace<T>() => BitConverter.IsLittleEndian && BytesInPlace(typeof(T)) is not null;

    public static Codec<T> Of<T>()
    {
        if (IsInPlace<T>())
        {
            return (Codec<T>)Activator.CreateInstance(typeof(InPlaceCodec<>).MakeGenericType(typeof(T)))!;
        }

        BinaryRules.Check(typeof(T));
        return GeneratedFieldsAttribute.Find<T>() ?? new FieldCodec<T>();
    }

    /// <summary>
    /// The size of a struct whose bytes in memory are its bytes in the format: numbers only, one behind the other. Null
    /// for any other type.
    /// </summary>
    private static int? BytesInPlace(Type type)
    {
        if (Numbers.Contains(type))
        {
            return Marshal.SizeOf(type);
        }

        if (!type.IsValueType || type.IsPrimitive || type.IsEnum || !type.IsLayoutSequential || type.IsGenericType)
        {
            return null;
        }

        var sum = 0;
        foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            if (BytesInPlace(field.FieldType) is not { } size)
            {
                return null;
            }

            sum += size;
        }

        return sum > 0 && Marshal.SizeOf(type) == sum ? sum : null;
    }
}
