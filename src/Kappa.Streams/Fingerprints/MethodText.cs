using System.Reflection;
using System.Reflection.Emit;
using Kappa.Log;

namespace Kappa.Streams.Fingerprints;

/// <summary>
/// The text of a method: signature, locals, exception clauses and IL, with tokens replaced by what they name.
/// </summary>
internal sealed class MethodText(Reach reach, References references)
{
    public void Write(MethodBase method, CanonicalText text)
    {
        try
        {
            Header(method, text);
            Body(method, method.GetMethodBody()!, text);
        }
        catch (Exception missing) when (missing is FileNotFoundException or TypeLoadException or MissingMemberException)
        {
            throw new KappaException(
                ErrorKind.Invalid,
                $"{ReadableName.Of(method)} refers to something that cannot be loaded: {missing.Message}",
                "Publish the job with all its packages, for example by `dotnet publish`.",
                missing);
        }
    }

    private void Header(MethodBase method, CanonicalText text)
    {
        text.Append("method ");
        if (method.DeclaringType is { } owner)
        {
            references.Write(owner, text);
        }

        if (method is MethodInfo { IsGenericMethod: true } generic)
        {
            references.Write(generic.GetGenericArguments(), text);
        }

        references.Signature(method, text);
        text.Append(method.IsStatic ? " static" : "");
    }

    private void Body(MethodBase method, MethodBody body, CanonicalText text)
    {
        foreach (var local in body.LocalVariables)
        {
            references.Write(local.LocalType, text.Append(" local "));
        }

        foreach (var clause in body.ExceptionHandlingClauses)
        {
            var filter = clause.Flags == ExceptionHandlingClauseOptions.Filter ? clause.FilterOffset : 0;
            text.Append($" {clause.Flags} {clause.TryOffset} {clause.TryLength} {clause.HandlerOffset}")
                .Append($" {clause.HandlerLength} {filter} ");
            if (clause is { Flags: ExceptionHandlingClauseOptions.Clause, CatchType: { } caught })
            {
                references.Write(caught, text);
            }
        }

        var il = body.GetILAsByteArray()!;
        var typeArguments = method.DeclaringType?.GetGenericArguments() ?? [];
        var methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : [];
        foreach (var instruction in Instructions.Of(il))
        {
            text.Append("\n  ").Append(instruction.Code.Name!).Append(" ");
            switch (instruction.Code.OperandType)
            {
                case OperandType.InlineString:
                    text.Quote(method.Module.ResolveString(BitConverter.ToInt32(il, instruction.Operand)));
                    break;
                case OperandType.InlineField or OperandType.InlineMethod:
                case OperandType.InlineTok or OperandType.InlineType:
                    var token = BitConverter.ToInt32(il, instruction.Operand);
                    Member(method.Module.ResolveMember(token, typeArguments, methodArguments)!, instruction.Code, text);
                    break;
                case OperandType.InlineSig:
                    var signature = method.Module.ResolveSignature(BitConverter.ToInt32(il, instruction.Operand));
                    text.Append(Convert.ToHexString(signature));
                    break;
                default:
                    text.Append(Convert.ToHexString(il, instruction.Operand, instruction.Length));
                    break;
            }
        }
    }

    private void Member(MemberInfo member, OpCode code, CanonicalText text)
    {
        switch (member)
        {
            case Type type:
                references.Write(type, text);
                break;
            case MethodBase called:
                references.Write(called, text);
                break;
            case FieldInfo field when reach.Code.Owns(field) && StaticField.IsBytes(field):
                text.Append("bytes ").Append(Literals.BytesOf(field));
                break;
            case FieldInfo field:
                references.Write(field, text);
                if (reach.Code.Owns(field))
                {
                    Used(field, code, text);
                }

                break;
        }
    }

    private void Used(FieldInfo field, OpCode code, CanonicalText text)
    {
        if (!field.IsStatic && code == OpCodes.Stfld)
        {
            reach.Written(field);
        }
        else if (!field.IsStatic)
        {
            reach.Read(field);
        }
        else if (code != OpCodes.Stsfld && !StaticField.IsCache(field))
        {
            StaticField.CheckReadable(field);
            text.Append(" = ").Refer(reach.Static(field), "its value");
        }
    }
}
