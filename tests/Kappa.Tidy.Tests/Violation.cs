namespace Kappa.Tidy.Tests;

/// <summary>A place that breaks a rule, as a line one can click.</summary>
internal readonly record struct Violation(string Path, int Line, string Text)
{
    public override string ToString() => $"{Path}({Line}): {Text}";
}
