using System.Diagnostics.CodeAnalysis;
using Kappa.Streams.Tests.Fingerprints;

/// <summary>
/// What .NET calls first in a process that names this assembly in DOTNET_STARTUP_HOOKS; the runtime looks it up without
/// a namespace. It lets a test take fingerprints in another process, where string hash codes have another seed.
/// </summary>
[SuppressMessage("Design", "CA1050", Justification = "The runtime looks the type up without a namespace.")]
internal static class StartupHook
{
    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(ProcessTests.Question) is not null)
        {
            Console.Write(ProcessTests.Answer());
        }
    }
}
