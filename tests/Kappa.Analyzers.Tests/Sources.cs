using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Xunit;

namespace Kappa.Analyzers.Tests;

/// <summary>Compiles text against the real Kappa.Streams and says what the analyzers find in it.</summary>
internal static class Sources
{
    /// <summary>What each test finds in scope: an event, a state, and a process to write code into.</summary>
    public const string Prelude = """
        global using System;
        global using System.Collections.Concurrent;
        global using System.Collections.Frozen;
        global using System.Collections.Generic;
        global using System.Collections.Immutable;
        global using System.Globalization;
        global using System.IO;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using Kappa.Streams;

        public enum Kind { Sold, Returned }
        public sealed record Order(string Id, string Customer, DateTimeOffset At, double Price, int Count, Kind Kind);
        public sealed record Total(DateTimeOffset Last, double Sum, long Orders)
        {
            public static readonly Total None = new(default, 0, 0);
        }
        """;

    public static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    private static readonly CSharpParseOptions Parse = new(LanguageVersion.Latest);

    /// <summary>A job whose Select does <paramref name="expression"/> with an order called `order`.</summary>
    public static string Select(string expression) => $$"""
        public static class Jobs
        {
            public static readonly Job Sales = Job.Define("sales", flow => flow
                .From<Order>("orders", eventTime: order => order.At)
                .Select(order => {{expression}})
                .ToTable("sales", _ => 0));
        }
        """;

    /// <summary>A job whose SelectMany runs <paramref name="statements"/>, which return numbers.</summary>
    public static string Statements(string statements) => Select("new Body().Of(order)") + $$"""

        public sealed class Body
        {
            public object? Of(Order order)
            {
        {{statements}}
            }
        }
        """;

    public static CSharpCompilation Compile(params string[] texts)
    {
        var trees = texts.Prepend(Prelude)
            .Select((text, i) => CSharpSyntaxTree.ParseText(text, Parse, $"File{i}.cs"));
        var compilation = CSharpCompilation.Create(
            "Jobs", trees, References,
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        Assert.Empty(compilation.GetDiagnostics().Where(found => found.Severity == DiagnosticSeverity.Error));
        return compilation;
    }

    public static async Task<ImmutableArray<Diagnostic>> FindAsync(Compilation compilation)
    {
        var failures = new List<string>();
        var found = await compilation
            .WithAnalyzers(
                [new JobAnalyzer()],
                new CompilationWithAnalyzersOptions(
                    new AnalyzerOptions([]), (failure, _, _) => failures.Add(failure.ToString()),
                    concurrentAnalysis: true, logAnalyzerExecutionTime: false))
            .GetAnalyzerDiagnosticsAsync();
        Assert.Empty(failures);
        return [.. found.Concat(Generated(compilation))
            .OrderBy(one => one.Location.SourceTree!.FilePath, StringComparer.Ordinal)
            .ThenBy(one => one.Location.SourceSpan.Start).ThenBy(one => one.Id, StringComparer.Ordinal)];
    }

    /// <summary>What the generators say; what they write compiles.</summary>
    private static ImmutableArray<Diagnostic> Generated(Compilation compilation)
    {
        CSharpGeneratorDriver.Create([new BinaryGenerator().AsSourceGenerator()], parseOptions: Parse)
            .RunGeneratorsAndUpdateCompilation(compilation, out var whole, out var found);
        Assert.Empty(whole.GetDiagnostics().Where(one => one.Severity == DiagnosticSeverity.Error));
        return found;
    }

    /// <summary>Checks that exactly what stands in ⟦code: …⟧ is found, each under its code, and nothing else.</summary>
    public static async Task CheckAsync(params string[] marked)
    {
        var read = marked.Select(Marked.Read).ToList();
        var found = await FindAsync(Compile([.. read.Select(file => file.Text)]));
        var expected = read.SelectMany((file, i) => file.Marks.Select(
            mark => $"File{i + 1}.cs {mark.Id} at {mark.Start}: {file.Text.Substring(mark.Start, mark.Length)}"));
        Assert.Equal(
            expected.Order(StringComparer.Ordinal),
            found.Select(Line).Order(StringComparer.Ordinal));
    }

    private static string Line(Diagnostic found)
    {
        var span = found.Location.SourceSpan;
        var tree = found.Location.SourceTree!;
        return $"{tree.FilePath} {found.Id} at {span.Start}: {tree.GetText().ToString(span)}";
    }
}
