using System.Reflection;
using System.Runtime.Loader;
using Kappa.Client;

namespace Kappa.Server.Programs;

/// <summary>
/// The load context of one version: its own copy of every assembly of its artifact, so that two versions with types of
/// the same names run side by side. Kappa itself and the SQLite driver come from the host. Unloading is best effort.
/// </summary>
internal sealed class JobContext : AssemblyLoadContext
{
    private readonly Artifact _artifact;
    private readonly IReadOnlyList<AssemblyDependencyResolver> _resolvers;

    public JobContext(string name, Artifact artifact)
        : base(name, isCollectible: true)
    {
        _artifact = artifact;
        _resolvers = [.. artifact.Files
            .Where(file => file.EndsWith(".deps.json", StringComparison.Ordinal) && !file.Contains('/', StringComparison.Ordinal))
            .Select(file => Path.Combine(artifact.Folder, file[..^".deps.json".Length] + ".dll"))
            .Where(File.Exists)
            .Select(path => new AssemblyDependencyResolver(path))];
    }

    /// <summary>Loads the assembly of a file of the artifact.</summary>
    public Assembly LoadFile(string file) => LoadFromAssemblyPath(Path.Combine(_artifact.Folder, file));

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (assemblyName.Name is not { } name || PublishedProgram.IsShared(name))
        {
            return Shared(assemblyName);
        }

        var path = _resolvers.Select(resolver => resolver.ResolveAssemblyToPath(assemblyName))
            .FirstOrDefault(found => found is not null) ?? Beside(assemblyName);
        return path is null ? null : LoadFromAssemblyPath(path);
    }

    /// <inheritdoc/>
    protected override nint LoadUnmanagedDll(string unmanagedDllName)
    {
        var path = _resolvers.Select(resolver => resolver.ResolveUnmanagedDllToPath(unmanagedDllName))
            .FirstOrDefault(found => found is not null);
        return path is null ? 0 : LoadUnmanagedDllFromPath(path);
    }

    /// <summary>The host may itself live in another context than the default one, as under a test runner.</summary>
    private static Assembly? Shared(AssemblyName name)
    {
        var host = GetLoadContext(typeof(JobContext).Assembly);
        return host is null || host == Default ? null : host.LoadFromAssemblyName(name);
    }

    private string? Beside(AssemblyName name)
    {
        var culture = string.IsNullOrEmpty(name.CultureName) ? "" : name.CultureName + "/";
        var file = culture + name.Name + ".dll";
        return _artifact.Files.Contains(file) ? Path.Combine(_artifact.Folder, file) : null;
    }
}
