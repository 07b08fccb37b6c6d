namespace Kappa.Streams.Tests.Outputs;

/// <summary>Asks again in a moment, without taking the processor from what is waited for.</summary>
internal static class Polling
{
    public static async Task NextAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
        await timer.WaitForNextTickAsync();
    }
}
