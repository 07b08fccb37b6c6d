using Xunit;

namespace Kappa.Nexmark.Tests;

/// <summary>A test on the events of <see cref="Peer"/>, skipped where they are not.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PeerTheoryAttribute : TheoryAttribute
{
    public PeerTheoryAttribute()
    {
        if (Peer.Folder is null)
        {
            Skip = "RisingWave's Nexmark events are not here: KAPPA_RECORDINGS names no folder that holds "
                + "stream-nexmark-risingwave.";
        }
    }
}
