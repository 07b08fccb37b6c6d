namespace Kappa.Client;

/// <summary>A table.</summary>
/// <param name="Table">Its name.</param>
/// <param name="Job">The job it belongs to.</param>
/// <param name="Version">The version described.</param>
/// <param name="State">The state of this version.</param>
/// <param name="Live">Do readers see it?</param>
/// <param name="Description">What it shows.</param>
/// <param name="Columns">Its columns, key first.</param>
public sealed record TableView(
    string Table, string Job, string Version, string State, bool Live, string? Description,
    IReadOnlyList<ColumnView> Columns);

/// <summary>A column.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">What it holds.</param>
/// <param name="Key">Is it part of the key?</param>
public sealed record ColumnView(string Name, string Type, bool Key);
