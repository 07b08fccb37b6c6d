namespace Kappa.Golden.Tests;

/// <summary>What a child process of the locale tests runs; the test host does not come here.</summary>
internal static class Program
{
    public static Task Main(string[] args) => Locales.LocaleDigest.PrintAsync(args[0]);
}
