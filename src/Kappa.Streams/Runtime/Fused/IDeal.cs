using System.Runtime.CompilerServices;

namespace Kappa.Streams.Runtime.Fused;

/// <summary>
/// Which of at most two shards has a key: known where the loop is compiled, so that one shard costs nothing.
/// </summary>
internal interface IDeal
{
    /// <summary>Has the first one the key with this tag?</summary>
    bool IsFirst(uint tag);
}

/// <summary>There is only one.</summary>
internal readonly struct OneShard : IDeal
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsFirst(uint tag) => true;
}

/// <summary>There are two.</summary>
internal readonly struct TwoShards(JobMachine machine) : IDeal
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsFirst(uint tag) => machine.ShardOf(tag) == 0;
}
