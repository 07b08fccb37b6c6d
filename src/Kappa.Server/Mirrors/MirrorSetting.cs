using System.Security.Cryptography;
using System.Text;

namespace Kappa.Server.Mirrors;

/// <summary>A mirror as an operator asked for it.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Store">The address of its archive.</param>
/// <param name="Id">What the archive knows it by.</param>
/// <param name="IsStopped">It copies nothing; its archive is read all the same.</param>
internal sealed record MirrorSetting(string Topic, string Store, Guid Id, bool IsStopped)
{
    /// <summary>Its name: the same topic to the same store is the same mirror.</summary>
    public string Name => NameOf(Topic, Store);

    public static string NameOf(string topic, string store) =>
        topic + "-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(store)))[..8];
}
