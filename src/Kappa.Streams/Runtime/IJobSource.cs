using Kappa.Tables;
using Kappa.Tables.Loop;

namespace Kappa.Streams.Runtime;

/// <summary>Where the code of a version comes from.</summary>
public interface IJobSource
{
    /// <summary>Loads a version's code and builds its job.</summary>
    ValueTask<Topology> LoadAsync(CatalogVersion version, CancellationToken cancel);

    /// <summary>Says that a version's code is used no more.</summary>
    void Release(JobVersion version);
}
