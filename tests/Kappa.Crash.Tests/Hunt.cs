namespace Kappa.Crash;

/// <summary>Looks for a planted mistake with everything there is.</summary>
internal static class Hunt
{
    private const int States = 20_000;
    private const int Damages = 5_000;

    /// <summary>By what it was caught, and the first thing that was wrong; null: it was not.</summary>
    public static async Task<string?> ForAsync(Plant plant) => plant.IsOfDamage
        ? await ByDamagesAsync(plant) ?? await ByStatesAsync(plant)
        : await ByStatesAsync(plant) ?? await ByDamagesAsync(plant);

    private static async Task<string?> ByStatesAsync(Plant plant)
    {
        var states = new CrashStates(States, plant.Seed, plant, _ => { });
        await states.RunAsync();
        return states.Lost > 0
            ? FormattableString.Invariant($"caught by crashstates after {states.States}: {states.First}")
            : null;
    }

    private static async Task<string?> ByDamagesAsync(Plant plant)
    {
        var damages = new Corruptions(Damages, plant.Seed, plant, _ => { });
        await damages.RunAsync();
        return damages.Silent > 0
            ? FormattableString.Invariant($"caught by corrupt after {damages.Count}: {damages.First}")
            : null;
    }
}
