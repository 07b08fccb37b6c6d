using Kappa.Analyzers.CodeFixes;
using Xunit;

namespace Kappa.Analyzers.Tests;

/// <summary>The analyzers in the hands of the real compiler: a project of its own, built by `dotnet build`.</summary>
public sealed class ConsumerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kappa-consumer-").FullName;

    [Fact]
    public async Task A_build_of_a_job_prints_the_findings_with_their_pages()
    {
        Write("Jobs.cs", """
            using Kappa.Streams;

            public sealed record Order(string Id, DateTimeOffset At);

            public static class Jobs
            {
                public static readonly Job Sales = Job.Define("sales", flow => flow
                    .From<Order>("orders", eventTime: order => order.At)
                    .Select(order => (order.Id, Age: DateTimeOffset.UtcNow - order.At))
                    .ToTable("sales", row => row.Id));

                public static readonly Job Ids = Job.Define("ids", flow => flow
                    .From<Order>("orders")
                    .ToTable("ids", order => Guid.NewGuid()));
            }
            """);
        Write("Jobs.csproj", Project());

        var (code, output) = await BuildAsync();

        Assert.True(code == 0, output);
        Assert.Contains("Jobs.cs(9,42): warning KAPPA001: 'DateTimeOffset.UtcNow' is the machine's clock", output,
            StringComparison.Ordinal);
        Assert.Contains("docs/reference/analyzers/KAPPA001.md", output, StringComparison.Ordinal);
        Assert.Contains("Jobs.cs(14,34): warning KAPPA002: 'Guid.NewGuid'", output, StringComparison.Ordinal);

        // Every analyzer was loaded: neither a newer compiler was asked for nor did one fail.
        Assert.DoesNotContain("CS9057", output, StringComparison.Ordinal);
        Assert.DoesNotContain("CS8032", output, StringComparison.Ordinal);
        Assert.DoesNotContain("AD0001", output, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Project()
    {
        static string Include(string item, params Type[] types) => string.Concat(
            types.Select(type => $"""    <{item} Include="{type.Assembly.Location}" />""" + "\n"));

        return $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
              <ItemGroup>
            {Include("Reference", typeof(Kappa.Streams.Job), typeof(Kappa.Tables.TableSchema), typeof(Kappa.Log.Place))}
            {Include("Analyzer", typeof(JobAnalyzer), typeof(ClockFix))}
              </ItemGroup>
            </Project>
            """;
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);

    /// <summary>Nothing is restored from elsewhere: the project has no packages, and the sources are none.</summary>
    private Task<(int Code, string Output)> BuildAsync()
    {
        Write("NuGet.config", "<configuration><packageSources><clear /></packageSources></configuration>");
        Write("Directory.Build.props", "<Project />");
        Write("Directory.Packages.props", "<Project />");
        return Dotnet.RunAsync(_folder, "build");
    }
}
