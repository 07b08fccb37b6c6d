using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace ConnectedCar.Fleet;

/// <summary>
/// Sends lines to a topic in numbered requests. A request is repeated under its number until the server has it, so
/// nothing is lost and nothing is there twice; the same feed sent again adds nothing.
/// </summary>
internal sealed class Feed(HttpClient http, string producer, TimeProvider time)
{
    private const int LinesMax = 1000;
    private const int AttemptsMax = 10;
    private static readonly TimeSpan BackoffMax = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Requests end early where they would hold more than this much time: records of one request may be stored
    /// partition by partition, which would make those of the last partition late.
    /// </summary>
    public static readonly TimeSpan SpanMax = TimeSpan.FromSeconds(5);

    /// <summary>A client for a server; the key may be left out where the server asks for none.</summary>
    public static HttpClient Client(Uri server, string? key)
    {
        var http = new HttpClient { BaseAddress = server, Timeout = TimeSpan.FromSeconds(30) };
        if (key is not null)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return http;
    }

    /// <summary>Sends all lines; returns the number of requests.</summary>
    public async Task<long> SendAsync(IEnumerable<Delivery> deliveries, TimeSpan span, CancellationToken cancel)
    {
        var body = new MemoryStream();
        var (lines, number, first) = (0, 0L, default(DateTimeOffset));
        foreach (var delivery in deliveries)
        {
            if (lines == LinesMax || (lines > 0 && delivery.SentAt - first > span))
            {
                await RequestAsync(body.ToArray(), ++number, cancel);
                body.SetLength(0);
                lines = 0;
            }

            first = lines == 0 ? delivery.SentAt : first;
            body.Write(delivery.Json.Span);
            body.WriteByte((byte)'\n');
            lines++;
        }

        if (lines > 0)
        {
            await RequestAsync(body.ToArray(), ++number, cancel);
        }

        return number;
    }

    private async Task RequestAsync(byte[] body, long number, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (answer, cause) = await AttemptAsync(body, number, cancel);
            if (answer is null)
            {
                return;
            }

            if (attempt == AttemptsMax)
            {
                throw new FleetException(
                    $"{http.BaseAddress} did not take request {number} in {AttemptsMax} attempts: {answer} "
                    + "Start it with './do serve', then run the same command again: it goes on without duplicates.",
                    cause);
            }

            var backoff = TimeSpan.FromMilliseconds(50 << attempt);
            await Task.Delay(backoff < BackoffMax ? backoff : BackoffMax, time, cancel);
        }
    }

    /// <summary>Null when the server has it; else why to try again. Throws where trying again cannot help.</summary>
    private async Task<(string? Answer, Exception? Cause)> AttemptAsync(
        byte[] body, long number, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/topics/telemetry/records")
        {
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        request.Headers.Add("Kappa-Request", $"{producer}:{number.ToString(CultureInfo.InvariantCulture)}");
        request.Headers.Add("Kappa-Key-Field", "device");
        try
        {
            using var response = await http.SendAsync(request, cancel);
            if (response.IsSuccessStatusCode)
            {
                return (null, null);
            }

            var answer = $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(cancel)}";
            return response.StatusCode is HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError
                ? (answer, null)
                : throw new FleetException($"{http.BaseAddress} refused request {number} of '{producer}': {answer}");
        }
        catch (HttpRequestException failure)
        {
            return (failure.Message, failure);
        }
        catch (TaskCanceledException failure) when (!cancel.IsCancellationRequested)
        {
            return ("no answer in time.", failure);
        }
    }
}
