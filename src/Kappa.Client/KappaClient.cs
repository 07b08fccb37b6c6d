using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Kappa.Client;

/// <summary>
/// Speaks to a running server. Every call throws <see cref="RequestFailedException"/> with what to do next. Safe for
/// many calls at once.
/// </summary>
public sealed partial class KappaClient : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private readonly HttpClient _http;
    private readonly TimeProvider _time;

    /// <summary>Makes a client.</summary>
    /// <param name="address">The server's address, for example <c>http://127.0.0.1:4747</c>.</param>
    /// <param name="key">An access key; null: none, which is enough for the health check alone.</param>
    /// <param name="handler">What carries the requests; null: the platform's own.</param>
    /// <param name="time">Measures pauses between retries; null: the system's.</param>
    public KappaClient(Uri address, string? key, HttpMessageHandler? handler = null, TimeProvider? time = null)
    {
        // No limit on a whole call: reading with follow and waiting for a diff are long by intention.
        _http = new HttpClient(
            handler ?? new SocketsHttpHandler { AllowAutoRedirect = false }, disposeHandler: handler is null)
        {
            BaseAddress = address,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (key is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        _time = time ?? TimeProvider.System;
    }

    /// <summary>Is the server up?</summary>
    public Task<HealthView> HealthAsync(CancellationToken cancel = default) => GetAsync<HealthView>("/health", cancel);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private Task<T> GetAsync<T>(string path, CancellationToken cancel) =>
        SendAsync<T>(() => new HttpRequestMessage(HttpMethod.Get, path), retries: 3, cancel);

    private Task<T> PostAsync<T>(string path, object? body, CancellationToken cancel) =>
        SendAsync<T>(HttpMethod.Post, path, body, cancel);

    private Task<T> SendAsync<T>(HttpMethod method, string path, object? body, CancellationToken cancel) =>
        SendAsync<T>(
        () => new HttpRequestMessage(method, path)
        {
            Content = body is null ? null : JsonContent.Create(body, body.GetType(), options: Wire.Json),
        },
        retries: 0,
        cancel);

    private async Task<T> SendAsync<T>(Func<HttpRequestMessage> make, int retries, CancellationToken cancel)
    {
        using var response = await SendAsync(make, retries, cancel);
        try
        {
            return await response.Content.ReadFromJsonAsync<T>(Wire.Answers, cancel)
                ?? throw new JsonException("The answer is empty.");
        }
        catch (JsonException broken)
        {
            throw new RequestFailedException(
                (int)response.StatusCode, "The server's answer cannot be read: " + broken.Message,
                "Check that the address is a Kappa server's, and of this client's version.", broken);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(
        Func<HttpRequestMessage> make, int retries, CancellationToken cancel)
    {
        var pause = FirstPause;
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await SendOnceAsync(make, cancel);
            }
            catch (RequestFailedException failed) when (failed.IsPassing && attempt < retries)
            {
                await Task.Delay(pause, _time, cancel);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(Func<HttpRequestMessage> make, CancellationToken cancel)
    {
        HttpResponseMessage response;
        try
        {
            using var request = make();
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        }
        catch (HttpRequestException unreachable)
        {
            throw new RequestFailedException(
                0, $"The server at {_http.BaseAddress} cannot be reached: {unreachable.Message}",
                "Start it with 'kappa serve', or name another address with --server.", unreachable);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await RefusedAsync(response, cancel);
        }
    }

    private static async Task<RequestFailedException> RefusedAsync(
        HttpResponseMessage response, CancellationToken cancel)
    {
        var text = await response.Content.ReadAsStringAsync(cancel);
        string? detail = null, next = null;
        try
        {
            using var problem = JsonDocument.Parse(text);
            detail = Property(problem.RootElement, "detail");
            next = Property(problem.RootElement, "next");
        }
        catch (JsonException)
        {
            // Something else than a Kappa server answered; the status is all there is to say.
            detail = null;
        }

        return new RequestFailedException(
            (int)response.StatusCode,
            detail ?? $"The server answered {(int)response.StatusCode} {response.ReasonPhrase}.",
            next ?? (response.StatusCode == HttpStatusCode.Unauthorized
                ? "Give a valid key in KAPPA_KEY."
                : "Check that the address is a Kappa server's."));
    }

    private static string? Property(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string Escape(string part) => Uri.EscapeDataString(part);
}
