using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kappa.Streams;

namespace Kappa.Analyzers.Tests.Codecs;

/// <summary>Any value of a type, its fields set one by one, from a seed.</summary>
internal sealed class RandomValues(int seed)
{
    private static readonly string[] Texts = ["", "a", "ü€😀", "a long text that says nothing at all, 0123456789"];

    private readonly Random _random = new(seed);

    public T Next<T>() => (T)Next(typeof(T), 0)!;

    private object? Next(Type type, int depth)
    {
        if (Nullable.GetUnderlyingType(type) is { } plain)
        {
            return _random.Next(3) == 0 ? null : Next(plain, depth);
        }

        if (type == typeof(string))
        {
            return _random.Next(5) == 0 ? null : Texts[_random.Next(Texts.Length)];
        }

        if (type == typeof(byte[]))
        {
            return _random.Next(5) == 0 ? null : Bytes(_random.Next(200));
        }

        return Simple(type) ?? Fields(type, depth);
    }

    private object? Simple(Type type)
    {
        if (type.IsEnum)
        {
            return Enum.ToObject(type, Simple(type.GetEnumUnderlyingType())!);
        }

        var number = _random.NextInt64(long.MinValue, long.MaxValue);
        return type switch
        {
            _ when type == typeof(bool) => number < 0,
            _ when type == typeof(decimal) => new decimal(
                (int)number, (int)(number >> 32), 7, number < 0, (byte)_random.Next(29)),
            _ when type == typeof(Guid) => new Guid(Bytes(16)),
            _ when type == typeof(DateTimeOffset) => new DateTimeOffset(
                _random.NextInt64(DateTime.UnixEpoch.Ticks, DateTime.MaxValue.Ticks / 2),
                TimeSpan.FromMinutes(_random.Next(-840, 841))),
            _ when type == typeof(DateTime) => new DateTime(
                _random.NextInt64(DateTime.MaxValue.Ticks), (DateTimeKind)_random.Next(3)),
            _ when type == typeof(TimeSpan) => new TimeSpan(number),
            _ when type == typeof(DateOnly) => DateOnly.FromDayNumber(_random.Next(DateOnly.MaxValue.DayNumber)),
            _ when type == typeof(TimeOnly) => new TimeOnly(_random.NextInt64(TimeSpan.TicksPerDay)),
            _ when type == typeof(Text16) => Text16.Of("short" + _random.Next(9)),
            { IsPrimitive: true } => FromBytes(type),
            _ => null,
        };
    }

    private object FromBytes(Type type)
    {
        var bytes = Bytes(8);
        return typeof(RandomValues).GetMethod(nameof(As), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(type).Invoke(null, [bytes])!;
    }

    private static object As<T>(byte[] bytes)
        where T : struct => MemoryMarshal.Read<T>(bytes);

    private object? Fields(Type type, int depth)
    {
        if (type.IsClass && depth > 0 && _random.Next(depth + 1) > 0)
        {
            return null;
        }

        var made = RuntimeHelpers.GetUninitializedObject(type);
        for (var at = type; at is not null; at = at.BaseType)
        {
            foreach (var field in at.GetFields(
                BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                field.SetValue(made, Next(field.FieldType, depth + 1));
            }
        }

        return made;
    }

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }
}
