namespace Kappa.Streams.Runtime.Fused;

/// <summary>A value on its way to its state.</summary>
internal struct Staged<TKey>
{
    /// <summary>Its key's tag.</summary>
    public uint Tag;

    /// <summary>Where it is, in bytes from the batch's origin.</summary>
    public int At;
    public TKey Key;
}

/// <summary>Where a staged value comes from.</summary>
/// <param name="Time">Its event time.</param>
/// <param name="Index">Its record among those of the batch.</param>
internal readonly record struct StagedOrigin(long Time, int Index);

/// <summary>The values of a batch that go to one shard, in order.</summary>
internal sealed class StagedList<TKey>
{
    public Staged<TKey>[] Items { get; private set; } = [];

    public StagedOrigin[] Origins { get; private set; } = [];

    public int Count { get; set; }

    public void Begin(int most)
    {
        Count = 0;
        if (Items.Length < most)
        {
            Items = new Staged<TKey>[most + (most / 2)];
            Origins = new StagedOrigin[Items.Length];
        }
    }
}
