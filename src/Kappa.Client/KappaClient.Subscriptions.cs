namespace Kappa.Client;

/// <content>Push subscriptions.</content>
public sealed partial class KappaClient
{
    /// <summary>Every subscription, those that jobs declare included.</summary>
    public Task<IReadOnlyList<SubscriptionView>> SubscriptionsAsync(CancellationToken cancel = default) =>
        GetAsync<IReadOnlyList<SubscriptionView>>("/v1/subscriptions", cancel);

    /// <summary>One subscription.</summary>
    public Task<SubscriptionView> SubscriptionAsync(string name, CancellationToken cancel = default) =>
        GetAsync<SubscriptionView>("/v1/subscriptions/" + Escape(name), cancel);

    /// <summary>Makes or changes a subscription (rule E3).</summary>
    public Task<SubscriptionView> PutSubscriptionAsync(
        string name, SubscriptionRequest request, CancellationToken cancel = default) =>
        SendAsync<SubscriptionView>(HttpMethod.Put, "/v1/subscriptions/" + Escape(name), request, cancel);

    /// <summary>Ends a subscription; what is not delivered yet is not delivered any more.</summary>
    public Task<SubscriptionView> DeleteSubscriptionAsync(string name, CancellationToken cancel = default) =>
        SendAsync<SubscriptionView>(HttpMethod.Delete, "/v1/subscriptions/" + Escape(name), null, cancel);
}
