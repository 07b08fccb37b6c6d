using System.Net;
using System.Text;
using ConnectedCar.Fleet;
using Xunit;

namespace ConnectedCar.Tests;

public sealed class FeedTests
{
    private static readonly Uri Server = new("http://127.0.0.1:1/");

    [Fact]
    public async Task Lines_go_out_in_numbered_requests_of_a_thousand()
    {
        using var server = new ScriptedServer();
        using var http = new HttpClient(server) { BaseAddress = Server };

        var requests = await Send(http, Enumerable.Range(0, 2001).Select(i => Line(i, 0)));

        Assert.Equal(3, requests);
        Assert.Equal(["me:1", "me:2", "me:3"], server.Seen.Select(seen => seen.Request));
        Assert.Equal([1000, 1000, 1], server.Seen.Select(seen => seen.Lines.Length));
        Assert.Equal("{\"n\":2000}", server.Seen[2].Lines[0]);
        Assert.All(server.Seen, seen => Assert.Equal(
            ("/v1/topics/telemetry/records", "application/x-ndjson", "device"),
            (seen.Route, seen.Type, seen.KeyField)));
    }

    [Fact]
    public async Task A_request_ends_early_where_it_would_span_more_time_than_allowed()
    {
        using var server = new ScriptedServer();
        using var http = new HttpClient(server) { BaseAddress = Server };

        await Send(http, [Line(1, 0), Line(2, 5), Line(3, 6), Line(4, 30)]);

        Assert.Equal([2, 1, 1], server.Seen.Select(seen => seen.Lines.Length));
    }

    [Fact]
    public async Task A_request_is_repeated_under_its_number_until_it_is_taken()
    {
        // Rule L8: a repeated number gets its old places, so a retry adds nothing.
        using var server = new ScriptedServer(HttpStatusCode.ServiceUnavailable, HttpStatusCode.TooManyRequests, null);
        using var http = new HttpClient(server) { BaseAddress = Server };

        await Send(http, [Line(1, 0), Line(2, 60)]);

        Assert.Equal(["me:1", "me:1", "me:1", "me:1", "me:2"], server.Seen.Select(seen => seen.Request));
        Assert.Single(server.Seen.Take(4).Select(seen => string.Concat(seen.Lines)).Distinct());
    }

    [Fact]
    public async Task A_refusal_is_not_repeated_and_carries_the_servers_words()
    {
        using var server = new ScriptedServer(HttpStatusCode.Forbidden);
        using var http = new HttpClient(server) { BaseAddress = Server };

        var refusal = await Assert.ThrowsAsync<FleetException>(() => Send(http, [Line(1, 0)]));

        Assert.Contains("403", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("said the server", refusal.Message, StringComparison.Ordinal);
        Assert.Single(server.Seen);
    }

    [Fact]
    public async Task A_server_that_never_answers_is_given_up_after_ten_attempts()
    {
        using var server = new ScriptedServer(new HttpStatusCode?[10]);
        using var http = new HttpClient(server) { BaseAddress = Server };

        await Assert.ThrowsAsync<FleetException>(() => Send(http, [Line(1, 0)]));

        Assert.Equal(10, server.Seen.Count);
    }

    private static Task<long> Send(HttpClient http, IEnumerable<Delivery> lines) =>
        new Feed(http, "me", new ImpatientTime()).SendAsync(lines, Feed.SpanMax, CancellationToken.None);

    private static Delivery Line(int number, double second) =>
        new(Samples.Noon.AddSeconds(second), Encoding.UTF8.GetBytes($"{{\"n\":{number}}}"));

    /// <summary>Time in which every wait is over at once.</summary>
    private sealed class ImpatientTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }

    /// <summary>Answers as its script says (null: the connection fails), then 200.</summary>
    private sealed class ScriptedServer(params HttpStatusCode?[] script) : HttpMessageHandler
    {
        public List<(string Request, string Route, string Type, string KeyField, string[] Lines)> Seen { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = await request.Content!.ReadAsStringAsync(cancellationToken);
            Seen.Add((
                request.Headers.GetValues("Kappa-Request").Single(),
                request.RequestUri!.AbsolutePath,
                request.Content.Headers.ContentType!.MediaType!,
                request.Headers.GetValues("Kappa-Key-Field").Single(),
                body.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
            var answer = Seen.Count <= script.Length ? script[Seen.Count - 1] : HttpStatusCode.OK;
            return new HttpResponseMessage(answer ?? throw new HttpRequestException("connection refused"))
            {
                Content = new StringContent("said the server"),
            };
        }
    }
}
