using System.Collections.Concurrent;
using Kappa.Streams;
using Kappa.Streams.Runtime;
using Kappa.Tables;
using Kappa.Tables.Loop;

namespace Kappa.Server.Programs;

/// <summary>Loads each version's code from its artifact into a context of its own, so that versions run side by side.</summary>
internal sealed class ArtifactJobs(ArtifactStore artifacts) : IJobSource
{
    private readonly ConcurrentDictionary<JobVersion, JobLibrary> _loaded = new();

    public ValueTask<Topology> LoadAsync(CatalogVersion version, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();

        // A run that is tried again builds its job anew in the context it has: loading twice would double the code.
        var library = _loaded.GetOrAdd(
            version.Version, name => JobLibrary.Load(name.ToString(), artifacts.Get(version.Made.Artifact)));
        return new(library.Build(version.Version.Job));
    }

    public void Release(JobVersion version)
    {
        if (_loaded.TryRemove(version, out var library))
        {
            library.Unload();
        }
    }
}
