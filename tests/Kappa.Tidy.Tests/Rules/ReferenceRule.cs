using System.Xml.Linq;

namespace Kappa.Tidy.Tests.Rules;

/// <summary>
/// Which project of src may know which. Log ◄ Tables ◄ Streams ◄ connectors; Server and Testing above Streams; the
/// CLI speaks HTTP and references server and connectors only to host them. Think before you
/// change this: it is the architecture.
/// </summary>
internal static class ReferenceRule
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Kappa.Log"] = [],
        ["Kappa.Tables"] = ["Kappa.Log"],
        ["Kappa.Streams"] = ["Kappa.Tables", "Kappa.Log"],
        ["Kappa.Client"] = [],
        ["Kappa.Server"] = ["Kappa.Streams", "Kappa.Tables", "Kappa.Log", "Kappa.Client"],
        ["Kappa.Testing"] = ["Kappa.Streams", "Kappa.Tables", "Kappa.Log"],
        ["Kappa.Analyzers"] = [],
        ["Kappa.Analyzers.CodeFixes"] = ["Kappa.Analyzers"],
        ["Kappa.Cli"] = ["Kappa.Client", "Kappa.Server", "Kappa.Connect.S3", "Kappa.Connect.WebHdfs"],
    };

    private static readonly string[] Connector = ["Kappa.Streams", "Kappa.Tables", "Kappa.Log"];
    private static readonly string[] ThreeLibraries = ["Kappa.Log", "Kappa.Tables", "Kappa.Streams"];
    private static readonly string[] TheirPackages = ["Microsoft.Data.Sqlite", "SQLitePCLRaw."];

    public static IEnumerable<Violation> Check(SourceText file)
    {
        if (!file.IsProject || !file.IsIn("src"))
        {
            yield break;
        }

        var name = file.Name[..^".csproj".Length];
        var isConnector = name.StartsWith("Kappa.Connect.", StringComparison.Ordinal);
        if (!Allowed.TryGetValue(name, out var allowed) && !isConnector)
        {
            yield return file.Breaks(1, $"'{name}' is not in the table of projects. Think before you change this.");
        }

        foreach (var reference in Includes(file, "ProjectReference"))
        {
            var other = reference.Replace('\\', '/').Split('/')[^1].Replace(".csproj", "", StringComparison.Ordinal);
            if (!(allowed ?? Connector).Contains(other))
            {
                yield return file.Breaks(1, $"'{name}' may not reference '{other}'. Think before you change this.");
            }
        }

        foreach (var package in ThreeLibraries.Contains(name) ? Includes(file, "PackageReference") : [])
        {
            if (!TheirPackages.Any(ours => package.StartsWith(ours, StringComparison.Ordinal)))
            {
                yield return file.Breaks(
                    1, $"'{name}' may not take the package '{package}'. Think before you change this.");
            }
        }
    }

    // A project that is only built and packed beside another one, as analyzers are, is not known to its code.
    private static IEnumerable<string> Includes(SourceText file, string item) => XDocument.Parse(file.Text)
        .Descendants(item)
        .Where(element => (string?)element.Attribute("ReferenceOutputAssembly") != "false")
        .Select(element => (string?)element.Attribute("Include") ?? "");
}
