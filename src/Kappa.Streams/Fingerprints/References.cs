using System.Reflection;
using System.Runtime.InteropServices;

namespace Kappa.Streams.Fingerprints;

/// <summary>
/// Writes what a text refers to: the user's own members by number, and reaching them; foreign ones by full name and
/// signature, for what they do belongs to the environment or to Kappa's semantics number.
/// </summary>
internal sealed class References(Reach reach)
{
    public void Write(Type type, CanonicalText text)
    {
        if (type.IsGenericParameter)
        {
            text.Append(type.DeclaringMethod is null ? "!" : "!!").Append(type.GenericParameterPosition);
        }
        else if (type.HasElementType)
        {
            Write(type.GetElementType()!, text);
            text.Append(type.IsSZArray ? "[]" : type.IsArray ? $"[{new string(',', type.GetArrayRank() - 1)}]"
                : type.IsByRef ? "&" : "*");
        }
        else if (type.IsFunctionPointer)
        {
            Write(type.GetFunctionPointerReturnType(), text.Append("function "));
            Write(type.GetFunctionPointerParameterTypes(), text);
        }
        else if (reach.Code.Owns(type))
        {
            text.Refer(reach.Type(type), ReadableName.Of(type));
        }
        else
        {
            var definition = type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : type;
            text.Append(ReadableName.WithoutCounters(definition.FullName ?? definition.Name));
            if (type.IsConstructedGenericType)
            {
                Write(type.GetGenericArguments(), text);
            }
        }
    }

    public void Write(IEnumerable<Type> types, CanonicalText text)
    {
        text.Append("(");
        foreach (var type in types)
        {
            Write(type, text);
            text.Append(",");
        }

        text.Append(")");
    }

    public void Write(MethodBase method, CanonicalText text)
    {
        // Arrays have methods of their own, which no module defines.
        var isOurs = reach.Code.Owns(method) && method.DeclaringType is not { IsArray: true };
        if (isOurs && method is { IsVirtual: true, IsFinal: false, DeclaringType.IsSealed: false })
        {
            reach.Implementations(method.DeclaringType!);
        }

        if (isOurs && !method.IsAbstract && method.GetMethodBody() is not null)
        {
            if (method is { IsVirtual: true, DeclaringType: { } declaring })
            {
                // Which override runs depends on the object, so the types on the way count as well.
                reach.Type(declaring);
            }

            text.Refer(reach.Method(method), ReadableName.Of(method));
            return;
        }

        if (method.DeclaringType is { } owner)
        {
            Write(owner, text);
        }

        text.Append("::").Append(ReadableName.WithoutCounters(method.Name));
        if (method is MethodInfo { IsGenericMethod: true } generic)
        {
            Write(generic.GetGenericArguments(), text);
        }

        Signature(method, text);
        if (isOurs && method.GetCustomAttribute<DllImportAttribute>() is { } native)
        {
            text.Append(" in ").Quote(native.Value).Append(" as ").Quote(native.EntryPoint ?? "");
        }
    }

    public void Signature(MethodBase method, CanonicalText text)
    {
        Write(method.GetParameters().Select(parameter => parameter.ParameterType), text);
        if (method is MethodInfo { ReturnType: var returned })
        {
            Write(returned, text);
        }
    }

    public void Write(FieldInfo field, CanonicalText text)
    {
        var owner = field.DeclaringType ?? field.Module.GetType();
        if (!reach.Code.Owns(field))
        {
            Write(owner, text);
            text.Append(".").Append(ReadableName.WithoutCounters(field.Name));
        }
        else if (!ReadableName.IsGenerated(owner))
        {
            Write(owner, text);
            text.Append(".").Append(field.Name);
        }
        else if (field.IsStatic && StaticField.IsCache(field))
        {
            text.Append("cache");
        }
        else
        {
            // Named after a local or captured variable, whose name is nobody's business.
            Write(owner, text);
            text.Append(".").Refer(reach.Field(field), "field");
        }

        Write(field.FieldType, text.Append(":"));
    }
}
