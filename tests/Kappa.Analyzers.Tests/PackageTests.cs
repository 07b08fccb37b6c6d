using System.IO.Compression;
using Xunit;

namespace Kappa.Analyzers.Tests;

/// <summary>Who takes the package of Kappa.Streams has the analyzers with it.</summary>
public sealed class PackageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kappa-package-").FullName;

    [Fact]
    public async Task The_package_of_Streams_carries_analyzers_and_fixes_and_depends_on_neither()
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

        var (code, output) = await Dotnet.RunAsync(
            Repository.Root, "pack", "src/Kappa.Streams", "--no-build", "--no-restore", "-c", configuration, "-o",
                _folder);

        Assert.True(code == 0, output);
        await using var package = await ZipFile.OpenReadAsync(Assert.Single(Directory.GetFiles(_folder, "*.nupkg")));
        var names = package.Entries.Select(entry => entry.FullName).ToList();
        Assert.Contains("lib/net10.0/Kappa.Streams.dll", names);
        Assert.Contains("analyzers/dotnet/cs/Kappa.Analyzers.dll", names);
        Assert.Contains("analyzers/dotnet/cs/Kappa.Analyzers.CodeFixes.dll", names);
        await using var specification = await package.GetEntry("Kappa.Streams.nuspec")!.OpenAsync();
        using var reader = new StreamReader(specification);
        Assert.DoesNotContain("id=\"Kappa.Analyzers", await reader.ReadToEndAsync(), StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
