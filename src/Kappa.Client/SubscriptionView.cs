namespace Kappa.Client;

/// <summary>Records of a topic that are posted to an address (rule E3).</summary>
/// <param name="Name">Its name.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Url">Where each record is posted to.</param>
/// <param name="Headers">The names of the headers sent along; their values are not shown.</param>
/// <param name="GiveUpAfterSeconds">After so long a record is given up; null: the platform's default.</param>
/// <param name="Job">The job that declares it; null where an operator made it.</param>
/// <param name="Place">Everything up to here is delivered or given up.</param>
/// <param name="Waiting">Records read and not delivered yet.</param>
/// <param name="Failing">Those of them that failed at least once.</param>
/// <param name="Delivered">Since the server started.</param>
/// <param name="GivenUp">Since the server started.</param>
/// <param name="Error">
/// What the last failed attempt came to, while a record fails, or why it has ended; else null.
/// </param>
/// <param name="DeadTopic">The topic of the records given up; made with the first of them.</param>
/// <param name="Ended">Its topic was deleted: nothing is posted any more before it is added again.</param>
public sealed record SubscriptionView(
    string Name, string Topic, string Url, IReadOnlyList<string> Headers, double? GiveUpAfterSeconds, string? Job,
    string Place, int Waiting, int Failing, long Delivered, long GivenUp, string? Error, string DeadTopic,
    bool Ended);

/// <summary>Asks for a subscription, or for a change of one.</summary>
/// <param name="Topic">A topic; not one of a single version.</param>
/// <param name="Url">http or https, without user name and password.</param>
/// <param name="Headers">Headers sent with each record, such as Authorization; null: none.</param>
/// <param name="From">
/// Where it begins: start, end, a time or a place; null: a new one at the end, one there is where it was.
/// </param>
/// <param name="GiveUpAfterSeconds">After so long a record is given up; null: the platform's default, 24 h.</param>
public sealed record SubscriptionRequest(
    string Topic, string Url, IReadOnlyDictionary<string, string>? Headers = null, string? From = null,
    double? GiveUpAfterSeconds = null);
