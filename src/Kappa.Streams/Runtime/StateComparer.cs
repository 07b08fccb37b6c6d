using Kappa.Log;

namespace Kappa.Streams.Runtime;

/// <summary>
/// How a collection of a state compares its keys: kept in state files, or a restart would compare otherwise.
/// </summary>
internal static class StateComparer
{
    private const byte Usual = 0;
    private const byte Ordinal = 1;
    private const byte OrdinalIgnoreCase = 2;

    /// <summary>The code of a comparer; null has the usual one.</summary>
    /// <exception cref="KappaException">A state file cannot hold it.</exception>
    public static byte CodeOf(object? comparer)
    {
        if (comparer is null || IsUsual(comparer))
        {
            return Usual;
        }

        return ReferenceEquals(comparer, StringComparer.Ordinal) ? Ordinal
            : ReferenceEquals(comparer, StringComparer.OrdinalIgnoreCase) ? OrdinalIgnoreCase
            : throw new KappaException(
                ErrorKind.Invalid,
                $"A state holds a collection that compares by {comparer.GetType()}, which a state file cannot hold.",
                "Compare by StringComparer.Ordinal, StringComparer.OrdinalIgnoreCase, or as usual.");
    }

    public static IEqualityComparer<T>? Equality<T>(byte code) => (IEqualityComparer<T>?)Of(code);

    public static IComparer<T>? Order<T>(byte code) => (IComparer<T>?)Of(code);

    private static StringComparer? Of(byte code) => code switch
    {
        Ordinal => StringComparer.Ordinal,
        OrdinalIgnoreCase => StringComparer.OrdinalIgnoreCase,
        _ => null,
    };

    private static bool IsUsual(object comparer) => comparer.GetType().GetInterfaces()
        .Where(known => known.IsGenericType)
        .Any(known =>
            (known.GetGenericTypeDefinition() == typeof(IComparer<>)
                && ReferenceEquals(Usually(typeof(Comparer<>), known), comparer))
            || (known.GetGenericTypeDefinition() == typeof(IEqualityComparer<>)
                && ReferenceEquals(Usually(typeof(EqualityComparer<>), known), comparer)));

    private static object? Usually(Type comparer, Type known) => comparer
        .MakeGenericType(known.GetGenericArguments()[0]).GetProperty("Default")!.GetValue(null);
}
