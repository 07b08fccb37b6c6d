using Kappa.Log;
using Kappa.Tables;

namespace Kappa.Streams.Runtime;

/// <summary>Opens what a version of another job says on a topic, from behind a place on (rule E2).</summary>
internal delegate ValueTask<Upstream> OpenUpstream(
    string topic, JobVersion version, Place after, CancellationToken cancel);
