namespace Kappa.Log;

/// <summary>What is remembered of a manifest: how many entries it had, and the hash of the last.</summary>
/// <param name="Entries">How many.</param>
/// <param name="Hash">64 hexadecimal digits.</param>
public sealed record ArchiveHead(int Entries, string Hash);
