using System.Reflection;
using Kappa.Log;

namespace Kappa.Streams.Fingerprints;

/// <summary>
/// Static fields of user code: readonly ones count by value, literals by content, mutable ones are refused.
/// </summary>
internal static class StaticField
{
    /// <summary>Whether the compiler keeps a delegate or shared closure there: the IL around it says which.</summary>
    public static bool IsCache(FieldInfo field) =>
        ReadableName.IsGenerated(field.DeclaringType!)
        && (typeof(Delegate).IsAssignableFrom(field.FieldType) || field.FieldType == field.DeclaringType);

    /// <summary>The bytes of an array, span or UTF-8 literal.</summary>
    public static bool IsBytes(FieldInfo field) => field.Attributes.HasFlag(FieldAttributes.HasFieldRVA);

    /// <summary>Refuses state that may have another value when the job runs.</summary>
    public static void CheckReadable(FieldInfo field)
    {
        var name = $"{ReadableName.Of(field.DeclaringType!)}.{ReadableName.Of(field)}";
        if (field.FieldType.Namespace == "System.Runtime.CompilerServices"
            && field.FieldType.Name.StartsWith("CallSite", StringComparison.Ordinal))
        {
            throw new KappaException(
                ErrorKind.Invalid,
                $"The job uses `dynamic` in {ReadableName.Of(field.DeclaringType!)}: what it calls is known only when "
                    + "it runs, so it cannot be fingerprinted.",
                "Give the value a type, or an interface.");
        }

        if (!field.IsInitOnly)
        {
            throw new KappaException(
                ErrorKind.Invalid,
                $"The job reads the mutable static field {name} ({ReadableName.Of(field.FieldType)}): its value may "
                    + "change while the job runs, so it cannot be fingerprinted, nor replayed.",
                $"Make {name} const or static readonly, or pass its value into the job's definition.");
        }

        if (field.DeclaringType!.ContainsGenericParameters)
        {
            throw new KappaException(
                ErrorKind.Invalid,
                $"The job reads the static field {name} through a generic method that is called through an interface: "
                    + "its type is not known, so it cannot be fingerprinted.",
                $"Move {name} to a type that is not generic.");
        }
    }

    public static object? Value(FieldInfo field, string name)
    {
        try
        {
            return field.GetValue(null);
        }
        catch (TypeInitializationException failed)
        {
            throw Failed(name, failed.InnerException ?? failed);
        }
        catch (TargetInvocationException failed)
        {
            throw Failed(name, failed.InnerException ?? failed);
        }
    }

    private static KappaException Failed(string name, Exception inner) => new(
        ErrorKind.Invalid,
        $"The static field {name} has no value: its initializer failed with \"{inner.Message}\".",
        "Repair the initializer; it runs when the job is deployed and each time it starts.",
        inner);
}
