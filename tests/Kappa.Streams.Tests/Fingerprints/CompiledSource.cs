using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.Loader;
using Kappa.Streams.Fingerprints;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Xunit;

namespace Kappa.Streams.Tests.Fingerprints;

/// <summary>Source text, really compiled as Release, in a folder and a load context of its own.</summary>
internal sealed class CompiledSource : IDisposable
{
    private static readonly HashSet<string> Used = new(StringComparer.Ordinal)
    {
        "System.Private.CoreLib", "System.Runtime", "System.Collections", "System.Collections.Immutable", "System.Linq",
        "System.Linq.Expressions", "System.Memory", "System.Text.Json", "System.Text.RegularExpressions",
        "System.Net.Http", "System.Net.Primitives", "System.Private.Uri", "Microsoft.CSharp",
    };

    private static readonly IReadOnlyList<MetadataReference> Platform =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Used.Contains(Path.GetFileNameWithoutExtension(path)))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    private static readonly ConcurrentDictionary<string, byte[]> Packages = new();

    private readonly string _folder = Directory.CreateTempSubdirectory("kappa-fingerprint-").FullName;
    private readonly AssemblyLoadContext _context = new(null, isCollectible: true);

    public CompiledSource(string source, string? package = null, byte[]? resource = null, bool fromBytes = false)
    {
        List<MetadataReference> references = [.. Platform];
        if (package is not null)
        {
            var bytes = Packages.GetOrAdd(package, text => File.ReadAllBytes(Emit("Package", text, Platform, null)));
            var path = Path.Combine(_folder, "Package.dll");
            File.WriteAllBytes(path, bytes);
            references.Add(MetadataReference.CreateFromFile(path));
        }

        var file = Emit("Job", source, references, resource);
        _context.Resolving += (_, name) =>
            name.Name == "Package" ? _context.LoadFromAssemblyPath(Path.Combine(_folder, "Package.dll")) : null;
        Assembly = fromBytes ? Bytes(file) : _context.LoadFromAssemblyPath(file);
    }

    public Assembly Assembly { get; }

    /// <summary>The fingerprint of every job: a static field of class Jobs that holds a delegate.</summary>
    public IReadOnlyDictionary<string, Fingerprint> Jobs() => JobFields().ToDictionary(field => field.Name, Of);

    public Fingerprint Job(string name) => Of(JobFields().Single(field => field.Name == name));

    public Fingerprint With(string job, object?[]? values = null, Type[]? types = null, string topology = "from orders")
    {
        var roots = new[] { (Delegate)JobFields().Single(field => field.Name == job).GetValue(null)! };
        return Fingerprint.Of(new FingerprintInput(topology, roots, values ?? [], types ?? [], Owns, 1));
    }

    public Type Type(string name) => Assembly.GetType(name, throwOnError: true)!;

    public void Dispose()
    {
        _context.Unload();
        Directory.Delete(_folder, recursive: true);
    }

    private Fingerprint Of(FieldInfo field) => With(field.Name);

    private IEnumerable<FieldInfo> JobFields() => Type("Shop.Jobs")
        .GetFields(BindingFlags.Static | BindingFlags.Public)
        .Where(field => typeof(Delegate).IsAssignableFrom(field.FieldType));

    private bool Owns(Assembly assembly) => AssemblyLoadContext.GetLoadContext(assembly) == _context;

    private Assembly Bytes(string file)
    {
        using var bytes = new MemoryStream(File.ReadAllBytes(file));
        return _context.LoadFromStream(bytes);
    }

    private string Emit(string name, string source, IEnumerable<MetadataReference> references, byte[]? resource)
    {
        var path = Path.Combine(_folder, name + ".dll");
        var tree = CSharpSyntaxTree.ParseText(source, new CSharpParseOptions(LanguageVersion.Latest), path + ".cs");
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary,
            optimizationLevel: OptimizationLevel.Release,
            nullableContextOptions: NullableContextOptions.Enable,
            deterministic: true);
        var compilation = CSharpCompilation.Create(name, [tree], references, options);
        using var file = File.Create(path);
        var resources = resource is null
            ? null
            : new[] { new ResourceDescription("rates.csv", () => new MemoryStream(resource), isPublic: true) };
        var result = compilation.Emit(file, manifestResources: resources, options: new EmitOptions());
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        return path;
    }
}
