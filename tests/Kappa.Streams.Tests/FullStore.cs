using Kappa.Tables;

namespace Kappa.Streams.Tests;

/// <summary>A store that keeps nothing more while it is full.</summary>
internal sealed class FullStore(ITableStore inner) : PassingStore(inner)
{
    public volatile bool IsFull;

    protected override ValueTask CommitAsync(Func<ValueTask> keep) => IsFull ? throw Full() : keep();
}
