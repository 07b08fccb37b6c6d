namespace Kappa.Streams;

/// <summary>
/// Asks the compiler for code that reads and writes this event in the binary format, so that
/// <see cref="Codec.Binary{T}"/> makes none at run time. The bytes are the same with it and without.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class BinaryEventAttribute : Attribute;
