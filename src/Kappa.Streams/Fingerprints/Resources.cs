using System.Reflection;
using System.Security.Cryptography;

namespace Kappa.Streams.Fingerprints;

/// <summary>Resources embedded in reached assemblies: code may read them, and which ones no IL says.</summary>
internal sealed class Resources
{
    private readonly HashSet<Assembly> _done = [];

    public IEnumerable<(string Name, string Hash)> Of(IEnumerable<Assembly> assemblies)
    {
        foreach (var assembly in assemblies.Where(_done.Add).ToList())
        {
            foreach (var name in assembly.GetManifestResourceNames().Order(StringComparer.Ordinal))
            {
                using var bytes = assembly.GetManifestResourceStream(name);
                if (bytes is not null)
                {
                    yield return (name, $"{name} {Convert.ToHexStringLower(SHA256.HashData(bytes))}");
                }
            }
        }
    }
}
