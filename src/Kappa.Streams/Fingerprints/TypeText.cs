using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Kappa.Streams.Fingerprints;

/// <summary>The text of a type: what decides the shape of data, and the members that are called without IL saying so.</summary>
internal sealed class TypeText(Reach reach, Names names)
{
    private const BindingFlags All = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public
        | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public void Write(Type type, CanonicalText text)
    {
        var isGenerated = ReadableName.IsGenerated(type);
        var isAnonymous = ReadableName.IsAnonymous(type);
        text.Append(type.IsEnum ? "enum " : type.IsValueType ? "struct " : type.IsInterface ? "interface " : "class ")
            .Append(isGenerated ? "" : (type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : type).FullName!);
        names.Write(type.GetGenericArguments(), text);
        if (type.BaseType is { } parent)
        {
            names.Write(parent, text.Append(" : "));
        }

        // A display class is shared by all lambdas of a method: only the fields that are read count, where they are read.
        if (isGenerated && type.Name.StartsWith("<>c", StringComparison.Ordinal))
        {
            return;
        }

        Fields(type, isGenerated && !isAnonymous, text);
        new AttributeText(reach, names).WriteAll(type, text);
        var interfaces = type.GetInterfaces();
        foreach (var contract in interfaces.OrderBy(ReadableName.Of, StringComparer.Ordinal))
        {
            names.Write(contract, text.Append("; is "));
        }

        foreach (var method in Overrides(type, interfaces))
        {
            names.Write(method, text.Append("; override "));
        }
    }

    /// <summary>What a codec calls by reflection: constructors with the names of their parameters, and accessors.</summary>
    public void WriteCodec(Type type, CanonicalText text)
    {
        names.Write(type, text.Append("data "));
        foreach (var constructor in type.GetConstructors(All).Where(made => !made.IsStatic).OrderBy(made => made.MetadataToken))
        {
            names.Write(constructor, text.Append("; "));
            foreach (var parameter in constructor.GetParameters())
            {
                text.Append(" ").Append(parameter.Name ?? "");
                new AttributeText(reach, names).Write(parameter.GetCustomAttributesData(), text);
                reach.Codec(parameter.ParameterType);
            }

            new AttributeText(reach, names).Write(constructor.GetCustomAttributesData(), text);
        }

        foreach (var property in type.GetProperties(All).Where(own => !IsStatic(own)).OrderBy(own => own.MetadataToken))
        {
            text.Append("; ").Append(property.Name).Append(":");
            names.Write(property.PropertyType, text);
            reach.Codec(property.PropertyType);
            foreach (var accessor in property.GetAccessors(nonPublic: true).Where(IsWritten))
            {
                names.Write(accessor, text.Append(" by "));
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

    private static bool IsStatic(PropertyInfo property) => property.GetAccessors(nonPublic: true).Any(accessor => accessor.IsStatic);

    private static bool IsWritten(MethodInfo method) => !method.IsDefined(typeof(CompilerGeneratedAttribute), false);

    // Called on a foreign interface or base class, or through a static abstract member, which IL does not resolve. What
    // the compiler writes to print a record follows from the fields.
    private static IEnumerable<MethodInfo> Overrides(Type type, Type[] interfaces)
    {
        var contracts = type.IsInterface
            ? []
            : interfaces.SelectMany(contract => contract.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
                .Where(method => method.IsVirtual).Select(method => method.Name).ToHashSet(StringComparer.Ordinal);
        return type.GetMethods(All)
            .Where(method => !method.IsAbstract
                && (method.IsVirtual || (method.IsStatic && contracts.Contains(method.Name[(method.Name.LastIndexOf('.') + 1)..])))
                && (method.Name is not ("ToString" or "PrintMembers") || IsWritten(method)))
            .OrderBy(method => method.Name, StringComparer.Ordinal)
            .ThenBy(method => method.ToString(), StringComparer.Ordinal);
    }

    private void Fields(Type type, bool isNameless, CanonicalText text)
    {
        if (type.IsExplicitLayout || (type.StructLayoutAttribute is { Size: > 0 }))
        {
            text.Append(" size ").Append(type.StructLayoutAttribute!.Size).Append(" pack ").Append(type.StructLayoutAttribute.Pack);
        }

        foreach (var field in type.GetFields(All).OrderBy(field => field.MetadataToken))
        {
            if (type.IsEnum && field.IsLiteral)
            {
                var value = Convert.ToString(field.GetRawConstantValue(), CultureInfo.InvariantCulture);
                text.Append("; ").Append(field.Name).Append(" = ").Append(value!);
                new AttributeText(reach, names).Write(field.GetCustomAttributesData(), text);
            }
            else if (!field.IsStatic)
            {
                text.Append("; ").Append(isNameless ? "" : ReadableName.Of(field)).Append(":");
                names.Write(field.FieldType, text);
            }
        }
    }
}
