using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Kappa.Server.Subscriptions;

/// <summary>
/// Posts records. It follows no redirect, keeps no cookie and reads no answer but its status, so that an address an
/// operator gave is all it ever talks to.
/// </summary>
internal sealed class PushClient : IDisposable
{
    private static readonly TimeSpan RetryAfterMax = TimeSpan.FromMinutes(5);
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;
    private readonly HttpClient _http;

    public PushClient(PushOptions options, TimeProvider time)
    {
        _time = time;
        _timeout = options.Timeout;
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = options.Timeout,
            MaxConnectionsPerServer = 64,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Makes one attempt; any answer of 200 to 299 means that the record was taken.</summary>
    public async Task<PushOutcome> SendAsync(Subscription subscription, PushRecord record, CancellationToken cancel)
    {
        using var timeout = new CancellationTokenSource(_timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, timeout.Token);
        try
        {
            using var request = Request(subscription, record);
            using var response = await _http.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return response.IsSuccessStatusCode
                ? default
                : new PushOutcome(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"It answered {(int)response.StatusCode} {response.ReasonPhrase}."),
                    Wanted(response));
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            return new PushOutcome(FormattableString.Invariant($"No answer within {_timeout.TotalSeconds} s."));
        }
        catch (HttpRequestException failed)
        {
            return new PushOutcome(failed.Message);
        }
    }

    public void Dispose() => _http.Dispose();

    private static HttpRequestMessage Request(Subscription subscription, PushRecord record)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, subscription.Url)
        {
            Content = new ByteArrayContent(record.Value ?? []),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(
            record.Value is not null && IsJson(record.Value) ? "application/json" : "application/octet-stream");
        request.Headers.Add("Kappa-Id", record.Id);
        request.Headers.Add("Kappa-Topic", subscription.Topic);
        request.Headers.Add("Kappa-Subscription", subscription.Name);
        request.Headers.Add("Kappa-Attempt", (record.Attempts + 1).ToString(CultureInfo.InvariantCulture));
        if (record.Key is not null)
        {
            request.Headers.Add("Kappa-Key", Uri.EscapeDataString(System.Text.Encoding.UTF8.GetString(record.Key)));
        }

        if (record.Value is null)
        {
            request.Headers.Add("Kappa-Tombstone", "true");
        }

        foreach (var (name, value) in subscription.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private TimeSpan Wanted(HttpResponseMessage response)
    {
        var asked = response.Headers.RetryAfter is { } after
            ? after.Delta ?? after.Date - _time.GetUtcNow() ?? TimeSpan.Zero
            : TimeSpan.Zero;
        return asked < TimeSpan.Zero ? TimeSpan.Zero : asked > RetryAfterMax ? RetryAfterMax : asked;
    }

    private static bool IsJson(byte[] value)
    {
        try
        {
            var reader = new Utf8JsonReader(value);
            while (reader.Read())
            {
            }

            return reader.BytesConsumed > 0;
        }
        catch (JsonException)
        {
            // The log keeps bytes as they came; not being JSON is no error here.
            return false;
        }
    }
}
