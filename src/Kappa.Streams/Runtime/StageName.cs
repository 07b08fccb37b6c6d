namespace Kappa.Streams.Runtime;

/// <summary>An operator among those of its job.</summary>
/// <param name="Number">Its place in the order written: the stage of rule T7.</param>
/// <param name="Label">How late and dead records name it.</param>
internal readonly record struct StageName(int Number, string Label);
