using System.ComponentModel;
using System.Reflection;

namespace Kappa.Streams.Codecs;

/// <summary>Says of an assembly which class was generated for which event.</summary>
/// <param name="type">The event.</param>
/// <param name="fields">The class, an <see cref="IBinaryFields{T}"/> of it.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class GeneratedFieldsAttribute(Type type, Type fields) : Attribute
{
    /// <summary>The event.</summary>
    public Type Type => type;

    /// <summary>The class that reads and writes it.</summary>
    public Type Fields => fields;

    /// <summary>The codec of the class that was generated for an event; null if none was.</summary>
    internal static Codec<T>? Find<T>() =>
        typeof(T).Assembly.GetCustomAttributes<GeneratedFieldsAttribute>()
            .FirstOrDefault(generated => generated.Type == typeof(T)) is { } found
            ? (Codec<T>)Activator.CreateInstance(
                typeof(GeneratedCodec<,>).MakeGenericType(typeof(T), found.Fields))!
            : null;
}
