namespace System.Runtime.CompilerServices;

/// <summary>
/// Lets an assembly use what another keeps to itself: known to the runtime by this name. On emitted assemblies only,
/// which call the user's lambdas: these are private.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
{
    public string AssemblyName { get; } = assemblyName;
}
