using Microsoft.CodeAnalysis;

namespace Kappa.Analyzers.Jobs;

/// <summary>One thing that code inside a job does not do. It is asked about every operation of that code.</summary>
internal abstract class JobRule
{
    protected JobRule(string id, string title, string message) => Descriptor = Describe(id, title, message);

    public DiagnosticDescriptor Descriptor { get; }

    /// <summary>Reports <paramref name="operation"/>, or something in it, if it breaks the rule.</summary>
    /// <param name="operation">An operation of the code that runs inside the job.</param>
    /// <param name="body">The lambda or method body it is part of.</param>
    /// <param name="site">Where reports go.</param>
    public abstract void Inspect(IOperation operation, IOperation body, JobSite site);

    public static DiagnosticDescriptor Describe(string id, string title, string message) => new(
        id, title, message, "Kappa.Determinism", DiagnosticSeverity.Warning, isEnabledByDefault: true,
        helpLinkUri: $"docs/reference/analyzers/{id}.md");

    protected void Report(JobSite site, IOperation at, params object[] arguments) =>
        site.Report(Descriptor, at.Syntax.GetLocation(), arguments);
}
