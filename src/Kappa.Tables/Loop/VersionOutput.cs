namespace Kappa.Tables.Loop;

/// <summary>
/// What a version of a job says to the world (rule E1): version 2 says it on the derived topic <c>alerts@2</c>.
/// </summary>
/// <param name="Topic">The topic that carries what the live version says (rule E3).</param>
/// <param name="Webhook">Where the topic is posted to as well, or null.</param>
public sealed record VersionOutput(string Topic, string? Webhook = null)
{
    /// <summary>The derived topic of a version.</summary>
    public string DerivedBy(JobVersion version)
    {
        ArgumentNullException.ThrowIfNull(version);
        return Topic + "@" + version.Number.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}
