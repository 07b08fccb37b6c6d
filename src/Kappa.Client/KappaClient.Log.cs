using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;

namespace Kappa.Client;

/// <content>Topics and records.</content>
public sealed partial class KappaClient
{
    private const int AppendRetries = 8;

    /// <summary>Every topic.</summary>
    public Task<IReadOnlyList<TopicView>> TopicsAsync(CancellationToken cancel = default) =>
        GetAsync<IReadOnlyList<TopicView>>("/v1/topics", cancel);

    /// <summary>One topic.</summary>
    public Task<TopicView> TopicAsync(string topic, CancellationToken cancel = default) =>
        GetAsync<TopicView>("/v1/topics/" + Escape(topic), cancel);

    /// <summary>Creates a topic; one that exists with the same settings stays as it is.</summary>
    public Task<TopicView> CreateTopicAsync(CreateTopicRequest request, CancellationToken cancel = default) =>
        PostAsync<TopicView>("/v1/topics", request, cancel);

    /// <summary>Changes how a topic is kept from now on.</summary>
    public Task<TopicView> SetTopicAsync(
        string topic, TopicSettingsRequest settings, CancellationToken cancel = default) =>
        SendAsync<TopicView>(HttpMethod.Patch, "/v1/topics/" + Escape(topic), settings, cancel);

    /// <summary>Deletes a topic with all its records, for ever.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="force">Its name again: also where versions or subscriptions read it, which fail then.</param>
    /// <param name="cancel">Gives up waiting.</param>
    public Task<LoopAnswer> DeleteTopicAsync(string topic, string? force = null, CancellationToken cancel = default) =>
        SendAsync<LoopAnswer>(
            HttpMethod.Delete,
            "/v1/topics/" + Escape(topic) + (force is null ? "" : "?force=" + Escape(force)), null, cancel);

    /// <summary>Ends a topic (rule L6): later appends are refused.</summary>
    public Task<TopicView> CompleteTopicAsync(string topic, CancellationToken cancel = default) =>
        PostAsync<TopicView>($"/v1/topics/{Escape(topic)}/complete", null, cancel);

    /// <summary>
    /// Appends lines of JSON and returns when they are durable. Without a request key it makes one up, so that its own
    /// retries append nothing twice (rule L8); retries up to 8 times with growing pauses.
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <param name="lines">NDJSON: one JSON value per line.</param>
    /// <param name="keyField">The property whose value is the record's key; null: no key.</param>
    /// <param name="request">The request key: <c>producer:number</c>, or a bare key used once.</param>
    /// <param name="skipBadLines">Append the good lines and list the bad ones, instead of refusing all.</param>
    /// <param name="cancel">Gives up waiting; the records may be appended all the same.</param>
    public Task<AppendAnswer> AppendAsync(
        string topic, ReadOnlyMemory<byte> lines, string? keyField = null, string? request = null,
        bool skipBadLines = false, CancellationToken cancel = default) =>
        SendLinesAsync(topic, lines, skipBadLines ? "?bad-lines=skip" : "", keyField, request, cancel);

    /// <summary>
    /// Appends a record without a value for each key: it removes the row of a table's topic (rule O3). Else as
    /// <see cref="AppendAsync"/>.
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <param name="lines">NDJSON: one JSON value per line, of which only the key field is looked at.</param>
    /// <param name="keyField">The property whose value is the record's key.</param>
    /// <param name="request">The request key: <c>producer:number</c>, or a bare key used once.</param>
    /// <param name="skipBadLines">Take the good lines and list the bad ones, instead of refusing all.</param>
    /// <param name="cancel">Gives up waiting; the records may be appended all the same.</param>
    public Task<AppendAnswer> RemoveAsync(
        string topic, ReadOnlyMemory<byte> lines, string keyField, string? request = null, bool skipBadLines = false,
        CancellationToken cancel = default) =>
        SendLinesAsync(
            topic, lines, "?remove=true" + (skipBadLines ? "&bad-lines=skip" : ""), keyField, request, cancel);

    private Task<AppendAnswer> SendLinesAsync(
        string topic, ReadOnlyMemory<byte> lines, string query, string? keyField, string? request,
        CancellationToken cancel)
    {
        var numbered = request ?? "once-" + Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture);
        var path = $"/v1/topics/{Escape(topic)}/records" + query;
        return SendAsync<AppendAnswer>(
            () =>
            {
                var content = new ReadOnlyMemoryContent(lines);
                content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
                var message = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
                message.Headers.Add(Wire.RequestHeader, numbered);
                if (keyField is not null)
                {
                    message.Headers.Add(Wire.KeyFieldHeader, keyField);
                }

                return message;
            },
            AppendRetries,
            cancel);
    }

    /// <summary>Reads records as lines of JSON: place, partition, offset, key, value, headers.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="from">An offset (with a partition), a time or a place; null: the beginning.</param>
    /// <param name="partition">One partition alone; null: all, in order of place.</param>
    /// <param name="limit">How many at most; null: all there are now.</param>
    /// <param name="follow">Wait for more at the end.</param>
    /// <param name="cancel">Ends the reading.</param>
    public async IAsyncEnumerable<string> ReadAsync(
        string topic, string? from = null, int? partition = null, long? limit = null, bool follow = false,
        [EnumeratorCancellation] CancellationToken cancel = default)
    {
        var query = new List<string>();
        AddTo(query, "from", from);
        AddTo(query, "partition", partition?.ToString(CultureInfo.InvariantCulture));
        AddTo(query, "limit", limit?.ToString(CultureInfo.InvariantCulture));
        AddTo(query, "follow", follow ? "true" : null);
        var path = $"/v1/topics/{Escape(topic)}/records?" + string.Join('&', query);
        using var response = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, path), 3, cancel);
        await using var body = await response.Content.ReadAsStreamAsync(cancel);
        using var reader = new StreamReader(body);
        while (await reader.ReadLineAsync(cancel) is { } line)
        {
            yield return line;
        }
    }

    private static void AddTo(List<string> query, string name, string? value)
    {
        if (value is not null)
        {
            query.Add(name + "=" + Escape(value));
        }
    }
}
