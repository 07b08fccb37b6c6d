using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Kappa.Analyzers.Jobs;

/// <summary>Whether code changes what it refers to, and which collections can be changed.</summary>
internal static class Writes
{
    private static readonly HashSet<string> Changing =
    [
        "Add", "AddRange", "AddFirst", "AddLast", "AddOrUpdate", "Append", "AppendLine", "AppendFormat", "Clear",
        "Dequeue", "Enqueue", "EnsureCapacity", "ExceptWith", "GetOrAdd", "Insert", "InsertRange", "IntersectWith",
        "Pop", "Push", "Remove", "RemoveAll", "RemoveAt", "RemoveFirst", "RemoveLast", "RemoveRange", "Replace",
        "Reverse", "Sort", "SymmetricExceptWith", "TrimExcess", "TryAdd", "TryDequeue", "TryPop", "TryRemove",
        "TryTake", "TryUpdate", "UnionWith",
    ];

    /// <summary>Assigned, counted up or down, handed out by reference, or an element of it is.</summary>
    public static bool To(IOperation target) => target.Parent switch
    {
        IAssignmentOperation assignment => assignment.Target == target,
        IIncrementOrDecrementOperation => true,
        IArgumentOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out } => true,
        IArrayElementReferenceOperation element => element.ArrayReference == target && To(element),
        IPropertyReferenceOperation { Property.IsIndexer: true } indexer => indexer.Instance == target && To(indexer),
        IInvocationOperation call => call.Instance == target
            && IsChangeable(target.Type) && Changing.Contains(call.TargetMethod.Name),
        IConversionOperation conversion => To(conversion),
        ITupleOperation { Parent: IDeconstructionAssignmentOperation assigned } tuple => assigned.Target == tuple,
        _ => false,
    };

    /// <summary>A collection of .NET that can be changed by whoever holds it. Arrays are not counted.</summary>
    public static bool IsChangeable(ITypeSymbol? type)
    {
        var space = type?.ContainingNamespace?.ToDisplayString();
        return type is { TypeKind: TypeKind.Class } && (space switch
        {
            "System.Collections" or "System.Collections.Concurrent" => true,
            "System.Collections.Generic" => !type.Name.EndsWith("Comparer", StringComparison.Ordinal),
            "System.Collections.ObjectModel" => !type.Name.StartsWith("ReadOnly", StringComparison.Ordinal),
            "System.Text" => type.Name == "StringBuilder",
            _ => false,
        });
    }
}
