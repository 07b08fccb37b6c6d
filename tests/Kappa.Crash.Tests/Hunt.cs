namespace Kappa.Crash;

/// <summary>Looks for a planted mistake with everything there is.</summary>
internal static class Hunt
{
    private const int States = 20_000;
    private const int Damages = 5_000;

    /// <summary>By what it was caught, and the first thing that was wrong; null: it was not.</summary>
    public static async Task<string?> ForAsync(Plant plant)
    {
        var states = new CrashStates(States, 1, plant, _ => { });
        await states.RunAsync();
        if (states.Lost > 0)
        {
            return FormattableString.Invariant($"caught by crashstates after {states.States}: {states.First}");
        }

        var damages = new Corruptions(Damages, 1, plant, _ => { });
        await damages.RunAsync();
        return damages.Silent > 0
            ? FormattableString.Invariant($"caught by corrupt after {damages.Count}: {damages.First}")
            : null;
    }
}
