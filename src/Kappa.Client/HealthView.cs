namespace Kappa.Client;

/// <summary>That a server is up.</summary>
/// <param name="Status">"ok".</param>
/// <param name="Version">The version of Kappa.</param>
public sealed record HealthView(string Status, string Version);
