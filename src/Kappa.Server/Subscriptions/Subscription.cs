using System.Text.Json.Serialization;
using Kappa.Log;

namespace Kappa.Server.Subscriptions;

/// <summary>Records of a topic that are posted to an address: a push subscription (rule E3).</summary>
/// <param name="Name">Its name; in the rule of names.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Url">Where each record is posted to.</param>
/// <param name="Headers">Headers sent with each; their values may be secret.</param>
/// <param name="GiveUpAfterSeconds">After so long a record is a dead letter; null: the platform's default.</param>
internal sealed record Subscription(
    string Name, string Topic, string Url, IReadOnlyDictionary<string, string> Headers, double? GiveUpAfterSeconds)
{
    /// <summary>The longest name, so that the topic of dead letters has a name too.</summary>
    public const int NameLengthMax = 80;

    private const int HeadersMax = 20;
    private const int TextMax = 4_000;
    private const double GiveUpSecondsMax = 366 * 86_400.0;

    private static readonly string[] Reserved =
        ["host", "connection", "transfer-encoding", "upgrade", "expect", "te", "trailer", "keep-alive"];

    /// <summary>The job that declares it; null where an operator made it.</summary>
    [JsonIgnore]
    public string? Job { get; init; }

    /// <summary>
    /// Of a job's webhook: the versions that declare it; what others said is not posted. Null: everything is.
    /// </summary>
    [JsonIgnore]
    public IReadOnlySet<string>? SaidBy { get; init; }

    /// <summary>Its topic was deleted: nothing is posted any more, also of a later topic of that name.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Ended { get; init; }

    /// <summary>Where records go that could not be delivered in time.</summary>
    [JsonIgnore]
    public string DeadTopic => Name + ".undelivered";

    /// <summary>Names of headers whose values a backup left out: nothing is posted without them.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Missing => [.. Headers.Where(header => header.Value is null).Select(one => one.Key)];

    /// <summary>Is it posted the same way?</summary>
    public bool IsSame(Subscription other) =>
        (Topic, Url, GiveUpAfterSeconds, Job, Ended)
            == (other.Topic, other.Url, other.GiveUpAfterSeconds, other.Job, other.Ended)
        && Headers.Count == other.Headers.Count && !Headers.Except(other.Headers).Any()
        && (SaidBy is null ? other.SaidBy is null : other.SaidBy is { } versions && SaidBy.SetEquals(versions));

    /// <summary>Refuses what cannot be posted.</summary>
    /// <exception cref="KappaException">The name, address, a header or the time is out of its range.</exception>
    public void Check()
    {
        Names.Check("subscription", Name);
        if (Name.Length > NameLengthMax)
        {
            throw Wrong($"has a name of {Name.Length} characters; allowed are {NameLengthMax}",
                "Choose a shorter one.");
        }

        if (Names.IsPlatforms(Topic) || Names.IsDerived(Topic))
        {
            throw Wrong(
                $"names topic '{Topic}', which is not said to the world",
                "Name a public topic: 'alerts' carries what the live version says, 'alerts@2' does not.");
        }

        if (Url.Length > TextMax || !Uri.TryCreate(Url, UriKind.Absolute, out var address)
            || address.Scheme is not ("http" or "https") || address.UserInfo.Length > 0 || address.Fragment.Length > 0)
        {
            throw Wrong(
                "needs an address that begins with http:// or https://, without user name, password and '#'",
                "Write one such as https://example.com/alerts; put credentials into a header.");
        }

        if (GiveUpAfterSeconds is { } seconds && seconds is not (>= 1 and <= GiveUpSecondsMax))
        {
            throw Wrong(
                $"gives up after {seconds} s; allowed are 1 to {GiveUpSecondsMax}", "Leave it out for 24 hours.");
        }

        if (Headers.Count > HeadersMax || Headers.FirstOrDefault(header => !IsHeader(header)) is { Key: { } wrong })
        {
            throw Wrong(
                Headers.Count > HeadersMax
                    ? $"has {Headers.Count} headers; allowed are {HeadersMax}"
                    : $"has a header '{Headers.First(header => !IsHeader(header)).Key}' that cannot be sent",
                "Names are letters, digits and '-', none of HTTP's own, none that begins with Kappa- or Content-; "
                    + "values are ASCII.");
        }
    }

    private static bool IsHeader(KeyValuePair<string, string> header) =>
        header.Value is not null && header.Key.Length is > 0 and <= 100
        && header.Key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
        && !Reserved.Contains(header.Key, StringComparer.OrdinalIgnoreCase)
        && !header.Key.StartsWith("kappa-", StringComparison.OrdinalIgnoreCase)
        && !header.Key.StartsWith("content-", StringComparison.OrdinalIgnoreCase)
        && header.Value.Length <= TextMax && header.Value.All(c => c is >= ' ' and <= '~');

    private KappaException Wrong(string what, string next) =>
        new(ErrorKind.Invalid, $"Subscription '{Name}' {what}.", next);
}
