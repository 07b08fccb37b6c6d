using Kappa.Tables;

namespace Kappa.Streams.Tests;

/// <summary>
/// A store whose commits fail now and then, before they were kept or after: the caller cannot know which.
/// </summary>
internal sealed class BreakingStore(ITableStore inner, int seed) : PassingStore(inner)
{
    private readonly Random _random = new(seed);
    private int _rolls;

    public int Broken { get; private set; }

    protected override async ValueTask CommitAsync(Func<ValueTask> keep)
    {
        var roll = Roll();
        if (roll != 0)
        {
            await keep();
        }

        if (roll < 2)
        {
            Broken++;
            throw Full();
        }
    }

    private int Roll()
    {
        lock (_random)
        {
            // The first two commits break, one of each kind: how many more there are, a run decides.
            return _rolls < 2 ? _rolls++ : _random.Next(6);
        }
    }
}
