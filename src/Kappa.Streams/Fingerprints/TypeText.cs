using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Kappa.Streams.Fingerprints;

/// <summary>The text of a type: the shape of data, and the members that are called without IL saying so.</summary>
internal sealed class TypeText(Reach reach, References references)
{
    private const BindingFlags All = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public
        | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public void Write(Type type, CanonicalText text)
    {
        var isGenerated = ReadableName.IsGenerated(type);
        var isAnonymous = ReadableName.IsAnonymous(type);
        var definition = type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : type;
        text.Append(type.IsEnum ? "enum " : type.IsValueType ? "struct " : type.IsInterface ? "interface " : "class ")
            .Append(isGenerated ? "" : definition.FullName!);
        references.Write(type.GetGenericArguments(), text);
        if (type.BaseType is { } parent)
        {
            references.Write(parent, text.Append(" : "));
        }

        // A display class is shared by all lambdas of a method: only fields that are read count, where they are read.
        if (isGenerated && type.Name.StartsWith("<>c", StringComparison.Ordinal))
        {
            return;
        }

        Fields(type, isGenerated && !isAnonymous, text);
        new AttributeText(reach, references).WriteAll(type, text);
        var interfaces = type.GetInterfaces();
        foreach (var contract in interfaces.OrderBy(ReadableName.Of, StringComparer.Ordinal))
        {
            references.Write(contract, text.Append("; is "));
        }

        foreach (var method in Overrides(type, interfaces))
        {
            references.Write(method, text.Append("; override "));
        }
    }

    /// <summary>What a codec calls by reflection: constructors, with the names of parameters, and accessors.</summary>
    public void WriteCodec(Type type, CanonicalText text)
    {
        references.Write(type, text.Append("data "));
        var constructors = type.GetConstructors(All).Where(constructor => !constructor.IsStatic);
        foreach (var constructor in constructors.OrderBy(constructor => constructor.MetadataToken))
        {
            references.Write(constructor, text.Append("; "));
            foreach (var parameter in constructor.GetParameters())
            {
                text.Append(" ").Append(parameter.Name ?? "");
                new AttributeText(reach, references).Write(parameter.GetCustomAttributesData(), text);
                reach.Codec(parameter.ParameterType);
            }

            new AttributeText(reach, references).Write(constructor.GetCustomAttributesData(), text);
        }

        foreach (var property in type.GetProperties(All).Where(own => !IsStatic(own)).OrderBy(own => own.MetadataToken))
        {
            text.Append("; ").Append(property.Name).Append(":");
            references.Write(property.PropertyType, text);
            reach.Codec(property.PropertyType);
            foreach (var accessor in property.GetAccessors(nonPublic: true).Where(IsWritten))
            {
                references.Write(accessor, text.Append(" by "));
            }
        }

        foreach (var field in Instance(type))
        {
            reach.Codec(field.FieldType);
        }

        if (type.BaseType is { } parent)
        {
            reach.Codec(parent);
        }
    }

    private static IEnumerable<FieldInfo> Instance(Type type) =>
        type.GetFields(All).Where(field => !field.IsStatic).OrderBy(field => field.MetadataToken);

    private static bool IsStatic(PropertyInfo property) =>
        property.GetAccessors(nonPublic: true).Any(accessor => accessor.IsStatic);

    private static bool IsWritten(MethodInfo method) => !method.IsDefined(typeof(CompilerGeneratedAttribute), false);

    // Called on a foreign interface or base class, or through a static abstract member, which IL does not resolve. What
    // the compiler writes to print a record follows from the fields.
    private static IEnumerable<MethodInfo> Overrides(Type type, Type[] interfaces)
    {
        var contracts = type.IsInterface
            ? []
            : interfaces.SelectMany(contract => contract.GetMethods(All))
                .Where(method => method is { IsStatic: true, IsVirtual: true })
                .Select(method => method.Name).ToHashSet(StringComparer.Ordinal);
        return type.GetMethods(All)
            .Where(method => !method.IsAbstract
                && (method.IsVirtual || (method.IsStatic && contracts.Contains(ReadableName.Last(method.Name))))
                && (method.Name is not ("ToString" or "PrintMembers") || IsWritten(method)))
            .OrderBy(method => method.Name, StringComparer.Ordinal)
            .ThenBy(method => method.ToString(), StringComparer.Ordinal);
    }

    private void Fields(Type type, bool isNameless, CanonicalText text)
    {
        if (type.StructLayoutAttribute is { } layout && (type.IsExplicitLayout || layout.Size > 0))
        {
            text.Append(" size ").Append(layout.Size).Append(" pack ").Append(layout.Pack);
        }

        foreach (var field in type.GetFields(All).OrderBy(field => field.MetadataToken))
        {
            if (type.IsEnum && field.IsLiteral)
            {
                var value = Convert.ToString(field.GetRawConstantValue(), CultureInfo.InvariantCulture);
                text.Append("; ").Append(field.Name).Append(" = ").Append(value!);
                new AttributeText(reach, references).Write(field.GetCustomAttributesData(), text);
            }
            else if (!field.IsStatic)
            {
                text.Append("; ").Append(isNameless ? "" : ReadableName.Of(field)).Append(":");
                references.Write(field.FieldType, text);
            }
        }
    }
}
