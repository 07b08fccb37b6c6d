namespace Kappa.Log;

/// <summary>A file of a copy.</summary>
/// <param name="Name">Its path inside the copy, with '/'.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">The SHA-256 of its content, in lower-case hexadecimal digits.</param>
public sealed record CopiedFile(string Name, long Bytes, string Sha256);
