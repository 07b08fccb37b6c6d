using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Kappa.Log;

namespace Kappa.Server.Mirrors;

/// <summary>A mirror as an operator asked for it.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Store">The address of its archive.</param>
/// <param name="Id">What the archive knows it by.</param>
/// <param name="IsStopped">It copies nothing; its archive is read all the same.</param>
/// <param name="Origin">
/// Of a mirror of the log this one was restored from: what is read out of its archive, to which nothing is written any
/// more; null: it is this log's.
/// </param>
internal sealed record MirrorSetting(
    string Topic, string Store, Guid Id, bool IsStopped, MirrorOrigin? Origin = null)
{
    /// <summary>Its name: the same topic to the same store is the same mirror.</summary>
    public string Name => NameOf(Topic, Store);

    public static string NameOf(string topic, string store) =>
        topic + "-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(store)))[..8];
}

/// <summary>Where a mirror comes from that a backup had.</summary>
/// <param name="Log">The id of its log.</param>
/// <param name="Before">Of each partition the number of the first segment that is in the backup itself.</param>
internal sealed record MirrorOrigin(string Log, IReadOnlyList<int> Before)
{
    /// <summary>Is there anything that only archives have?</summary>
    [JsonIgnore]
    public bool IsNeeded => Before.Any(number => number > 1);

    public Inheritance ToInheritance() => new(new LogId(Guid.ParseExact(Log, "N")), Before);
}
