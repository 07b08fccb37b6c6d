using System.IO.Compression;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace Kappa.Server.Tests;

/// <summary>
/// Programs with jobs, compiled while testing: always under the same assembly name, as successive builds are.
/// </summary>
internal static class CompiledJobs
{
    /// <summary>Sums a number per name. What is added and what the jobs are called can be varied.</summary>
    public static string Totals(string add = "e.Amount", string table = "totals") => $$"""
        using Kappa.Streams;
        public sealed record Event(string Name, long Amount);
        public sealed record Total(long Sum);
        public static class Jobs
        {
            public static readonly Job Totals = Job.Define("totals", flow => flow
                .From<Event>("events")
                .KeyBy(e => e.Name)
                .Aggregate(new Total(0), (total, e) => new Total(total.Sum + {{add}}))
                .ToTable("{{table}}"));
        }
        """;

    /// <summary>Adds to each event's amount what stands in topic "names" for its name, which is preloaded.</summary>
    public static string Named(string add = "0") => $$"""
        using Kappa.Streams;
        public sealed record Event(string Name, long Amount);
        public static class Jobs
        {
            public static readonly Job Named = Job.Define("named", flow => flow
                .From<Event>("events")
                .LookUp(
                    flow.Table<string, Event>("names"), e => e.Name,
                    (e, row) => e with { Amount = e.Amount + {{add}} + (row?.Amount ?? 0) }, preload: true)
                .KeyBy(e => e.Name).Aggregate(0L, (_, e) => e.Amount).ToTable("named"));
        }
        """;

    /// <summary>Says every event with an amount above a limit, on topic "big".</summary>
    public static string Alerts(string over = "10", string more = "") => $$"""
        using Kappa.Streams;
        public sealed record Event(string Name, long Amount);
        public static class Jobs
        {
            public static readonly Job Alerts = Job.Define("alerts", flow =>
            {
                var events = flow.From<Event>("events");
                events.Where(e => e.Amount > {{over}}).ToTopic("big", e => e.Name);
                {{more}}
            });
        }
        """;

    /// <summary>A job that says events above a limit, and one that counts what it says.</summary>
    public static string Chain(string over) => $$"""
        using Kappa.Streams;
        public sealed record Event(string Name, long Amount);
        public static class Jobs
        {
            public static readonly Job Zeta = Job.Define("zeta", flow => flow
                .From<Event>("events").Where(e => e.Amount > {{over}}).ToTopic("big", e => e.Name));
            public static readonly Job Alpha = Job.Define("alpha", flow => flow
                .From<Event>("big").KeyBy(e => e.Name).Aggregate(0L, (count, e) => count + 1).ToTable("counts"));
        }
        """;

    /// <summary>Jobs that copy one topic to another.</summary>
    public static string Copies(params (string Job, string From, string To)[] jobs) => """
        using Kappa.Streams;
        public sealed record Event(string Name, long Amount);
        public static class Jobs
        {
        """ + string.Concat(jobs.Select(job => $$"""

            public static readonly Job {{job.Job}} = Job.Define(
                "{{job.Job}}", flow => flow.From<Event>("{{job.From}}").ToTopic("{{job.To}}"));
        """)) + "\n}";

    /// <summary>A zip of one assembly.</summary>
    public static byte[] Zip(string source) => Zip(("Jobs.dll", Compile(source)));

    public static byte[] Zip(params (string Name, byte[] Content)[] files)
    {
        using var zip = new MemoryStream();
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in files)
            {
                using var entry = archive.CreateEntry(name).Open();
                entry.Write(content);
            }
        }

        return zip.ToArray();
    }

    public static byte[] Compile(string source)
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Append(typeof(Streams.Job).Assembly.Location).Distinct()
            .Select(path => MetadataReference.CreateFromFile(path));
        var usings = CSharpSyntaxTree.ParseText("global using System; global using System.Collections.Generic;");
        var compilation = CSharpCompilation.Create(
            "Jobs", [CSharpSyntaxTree.ParseText(source), usings], references,
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release));
        using var assembly = new MemoryStream();
        var result = compilation.Emit(assembly);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        return assembly.ToArray();
    }
}
