using System.Collections.ObjectModel;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Kappa.Streams.Fingerprints;

/// <summary>Attributes that may steer how a type is read, written or compared.</summary>
internal sealed class AttributeText(Reach reach, References references)
{
    private const BindingFlags All = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public
        | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>Those of a type and of its properties and fields; on a record they sit on the properties.</summary>
    public void WriteAll(Type type, CanonicalText text)
    {
        Write(type.GetCustomAttributesData(), text);
        foreach (var property in type.GetProperties(All).Where(IsInstance).OrderBy(property => property.MetadataToken))
        {
            Write(property.GetCustomAttributesData(), text, property.Name);
        }

        foreach (var field in type.GetFields(All).Where(field => !field.IsStatic).OrderBy(field => field.MetadataToken))
        {
            Write(field.GetCustomAttributesData(), text, "field " + ReadableName.Of(field));
        }
    }

    public void Write(IEnumerable<CustomAttributeData> attributes, CanonicalText text, string on = "")
    {
        foreach (var attribute in attributes.Where(Counts).OrderBy(one => one.ToString(), StringComparer.Ordinal))
        {
            references.Write(attribute.AttributeType, text.Append("; @").Append(on).Append(" "));
            reach.Codec(attribute.AttributeType);
            foreach (var argument in attribute.ConstructorArguments)
            {
                Argument(argument, text.Append(" "));
            }

            foreach (var argument in attribute.NamedArguments.OrderBy(one => one.MemberName, StringComparer.Ordinal))
            {
                Argument(argument.TypedValue, text.Append(" ").Append(argument.MemberName).Append("="));
            }
        }
    }

    // Notes of the compiler to itself and hints for debuggers change no result; but `required` makes a codec refuse,
    // and an inline array has its length from an attribute.
    private static bool Counts(CustomAttributeData attribute)
    {
        var type = attribute.AttributeType;
        return type == typeof(RequiredMemberAttribute) || type == typeof(InlineArrayAttribute)
            || (type.Namespace is not ("System.Runtime.CompilerServices" or "Microsoft.CodeAnalysis")
                && type.Namespace?.StartsWith("System.Diagnostics", StringComparison.Ordinal) != true);
    }

    // Static members belong to the code around the data; what is read of them counts by value.
    private static bool IsInstance(PropertyInfo property) =>
        !property.GetAccessors(nonPublic: true).Any(accessor => accessor.IsStatic);

    private void Argument(CustomAttributeTypedArgument argument, CanonicalText text)
    {
        switch (argument.Value)
        {
            case null:
                text.Append("null");
                break;
            case Type type:
                references.Write(type, text);
                reach.Codec(type);
                break;
            case string words:
                text.Quote(words);
                break;
            case ReadOnlyCollection<CustomAttributeTypedArgument> several:
                text.Append("[");
                foreach (var one in several)
                {
                    Argument(one, text);
                    text.Append(",");
                }

                text.Append("]");
                break;
            default:
                text.Append(Convert.ToString(argument.Value, CultureInfo.InvariantCulture)!);
                break;
        }
    }
}
