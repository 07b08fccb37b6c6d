using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Kappa.Streams.Fingerprints;

/// <summary>
/// Members are the same if their tokens, declaring types and generic arguments are: reflection hands out different
/// objects for one member, depending on how it was found.
/// </summary>
internal sealed class Identity : IEqualityComparer<MemberInfo>
{
    public static readonly Identity Instance = new();

    public bool Equals(MemberInfo? x, MemberInfo? y) =>
        ReferenceEquals(x, y) || (x is not null && y is not null
        && x.MetadataToken == y.MetadataToken && x.Module == y.Module && x.DeclaringType == y.DeclaringType
        && Arguments(x).AsSpan().SequenceEqual(Arguments(y)));

    public int GetHashCode([DisallowNull] MemberInfo obj) => HashCode.Combine(obj.MetadataToken, obj.Module);

    private static Type[] Arguments(MemberInfo member) =>
        member is MethodInfo { IsGenericMethod: true } method ? method.GetGenericArguments() : [];
}
