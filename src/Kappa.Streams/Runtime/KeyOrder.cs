using System.Runtime.CompilerServices;

namespace Kappa.Streams.Runtime;

/// <summary>The order of keys by their bytes, unsigned (rule T8).</summary>
internal static class KeyOrder<TKey>
    where TKey : notnull
{
    /// <summary>Is it that of the values, so that no bytes are needed? A whole number's bytes keep its order.</summary>
    public static readonly bool IsDirect = typeof(TKey) == typeof(int) || typeof(TKey) == typeof(long);

    public static int Compare(TKey left, TKey right)
    {
        if (typeof(TKey) == typeof(int))
        {
            return Unsafe.As<TKey, int>(ref left).CompareTo(Unsafe.As<TKey, int>(ref right));
        }

        if (typeof(TKey) == typeof(long))
        {
            return Unsafe.As<TKey, long>(ref left).CompareTo(Unsafe.As<TKey, long>(ref right));
        }

        return EqualityComparer<TKey>.Default.Equals(left, right)
            ? 0
            : Moment.Compare(Columns<TKey>.KeyBytes(left), Columns<TKey>.KeyBytes(right));
    }
}
