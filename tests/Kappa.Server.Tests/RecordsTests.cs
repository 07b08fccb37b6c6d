using System.Text.Json;
using Xunit;

namespace Kappa.Server.Tests;

/// <summary>Topics and records over HTTP, with every kind of bad input.</summary>
public sealed class RecordsTests
{
    private const string Lines = "application/x-ndjson";

    [Fact]
    public async Task A_value_is_kept_byte_for_byte_and_its_key_is_the_field_named()
    {
        await using var running = await RunningServer.StartAsync();
        await running.PostAsync("/v1/topics", """{"name":"cars","partitions":3}""");
        const string Value = """{ "device" : "d\u002d1",  "speed":1.50e1, "x":[1 , 2] }""";

        var (status, answer) = await running.PostAsync("/v1/topics/cars/records?key-field=device", Value + "\r\n\n", Lines);

        Assert.Equal(200, status);
        Assert.Equal(1, answer.GetProperty("records").GetInt64());
        var raw = await running.Http.GetStringAsync(new Uri("/v1/topics/cars/records", UriKind.Relative));
        Assert.Contains("\"value\":" + Value, raw, StringComparison.Ordinal);
        Assert.Contains("\"key\":\"d-1\"", raw, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_line_refuses_the_whole_request_and_names_its_number()
    {
        await using var running = await RunningServer.StartAsync();
        await running.PostAsync("/v1/topics", """{"name":"cars"}""");

        var (status, answer) = await running.PostAsync("/v1/topics/cars/records", "{\"a\":1}\n\n{\"a\":\n{\"a\":2}\n", Lines);

        Assert.Equal(400, status);
        Assert.StartsWith("Line 3 ", answer.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(answer.GetProperty("next").GetString()!);
        Assert.Equal(0, (await running.Client.TopicAsync("cars")).Records);
    }

    [Fact]
    public async Task Bad_lines_are_listed_and_the_others_appended_when_asked_to_skip()
    {
        await using var running = await RunningServer.StartAsync();
        await running.PostAsync("/v1/topics", """{"name":"cars"}""");
        var body = "{\"k\":1}\nnonsense\n{\"k\":\"2\"}\n{\"k\":null}\n{\"other\":1}\n{\"k\":1,\"k\":2}\n";

        var (status, answer) = await running.PostAsync("/v1/topics/cars/records?bad-lines=skip&key-field=k", body, Lines);

        Assert.Equal(200, status);
        Assert.Equal(2, answer.GetProperty("records").GetInt64());
        Assert.Equal([2L, 4L, 5L, 6L], answer.GetProperty("badLines").EnumerateArray().Select(bad => bad.GetProperty("line").GetInt64()));
        Assert.Equal(2, (await running.Client.TopicAsync("cars")).Records);
    }

    [Theory]
    [InlineData("[{\"a\":1},{\"a\":2}, 3]", 3)]
    [InlineData(" {\"a\":\n1} ", 1)]
    [InlineData("42", 1)]
    public async Task JSON_is_one_value_or_an_array(string body, int records)
    {
        await using var running = await RunningServer.StartAsync();
        await running.PostAsync("/v1/topics", """{"name":"cars"}""");

        var (status, answer) = await running.PostAsync("/v1/topics/cars/records", body);

        Assert.Equal(200, status);
        Assert.Equal(records, answer.GetProperty("records").GetInt64());
        var lines = (await running.Http.GetStringAsync(new Uri("/v1/topics/cars/records", UriKind.Relative)))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(records, lines.Length);
        Assert.All(lines, line => JsonDocument.Parse(line).Dispose());
    }

    [Fact]
    public async Task An_unknown_topic_is_not_made_by_writing_to_it()
    {
        await using var running = await RunningServer.StartAsync();

        var (status, answer) = await running.PostAsync("/v1/topics/cars/records", "{}", Lines);

        Assert.Equal(404, status);
        Assert.Contains("kappa topics create cars", answer.GetProperty("next").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain(await running.Client.TopicsAsync(), topic => topic.Name == "cars");
    }

    [Fact]
    public async Task A_request_key_appends_once_also_after_a_restart()
    {
        // Rule L8.
        var folder = RunningServer.TempFolder();
        try
        {
            string place;
            await using (var first = await RunningServer.StartAsync(folder))
            {
                await first.PostAsync("/v1/topics", """{"name":"cars"}""");
                var (_, answer) = await first.PostAsync("/v1/topics/cars/records", "1\n2\n", Lines, ("Kappa-Request", "car-7:1"));
                Assert.False(answer.GetProperty("repeated").GetBoolean());
                place = answer.GetProperty("place").GetString()!;
                (_, answer) = await first.PostAsync("/v1/topics/cars/records", "1\n2\n", Lines, ("Kappa-Request", "car-7:1"));
                Assert.True(answer.GetProperty("repeated").GetBoolean());
            }

            await using var second = await RunningServer.StartAsync(folder);
            var (status, again) = await second.PostAsync("/v1/topics/cars/records", "1\n2\n", Lines, ("Kappa-Request", "car-7:1"));
            Assert.Equal(200, status);
            Assert.True(again.GetProperty("repeated").GetBoolean());
            Assert.Equal(place, again.GetProperty("place").GetString());
            Assert.Equal(2, (await second.Client.TopicAsync("cars")).Records);

            (status, again) = await second.PostAsync("/v1/topics/cars/records", "3\n", Lines, ("Kappa-Request", "car-7:1"));
            Assert.Equal(409, status);
        }
        finally
        {
            RunningServer.Delete(folder);
        }
    }

    [Theory]
    [InlineData("car:")]
    [InlineData("car:-1")]
    [InlineData("car:x")]
    [InlineData("../x:1")]
    [InlineData("Bad Name")]
    public async Task A_wrong_request_key_is_refused(string key)
    {
        await using var running = await RunningServer.StartAsync();
        await running.PostAsync("/v1/topics", """{"name":"cars"}""");

        var (status, _) = await running.PostAsync("/v1/topics/cars/records", "1\n", Lines, ("Kappa-Request", key));

        Assert.Equal(400, status);
        Assert.Equal(0, (await running.Client.TopicAsync("cars")).Records);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data")]
    public async Task Bodies_a_web_form_could_send_are_refused(string type)
    {
        await using var running = await RunningServer.StartAsync();
        await running.PostAsync("/v1/topics", """{"name":"cars"}""");

        Assert.Equal(415, (await running.PostAsync("/v1/topics/cars/records", "{}", type)).Status);
        Assert.Equal(415, (await running.PostAsync("/v1/topics", """{"name":"b"}""", type)).Status);
    }

    [Theory]
    [InlineData("""{"name":"a","name":"b"}""")]
    [InlineData("""{"name":"a","unknown":1}""")]
    [InlineData("""{"partitions":1}""")]
    [InlineData("""{"name":"a","partitions":0}""")]
    [InlineData("""{"name":"a","partitions":2000000000}""")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("")]
    public async Task Requests_with_unknown_double_or_missing_properties_are_refused(string body)
    {
        await using var running = await RunningServer.StartAsync();

        var (status, answer) = await running.PostAsync("/v1/topics", body);

        Assert.Equal(400, status);
        Assert.NotEmpty(answer.GetProperty("next").GetString()!);
    }

    [Fact]
    public async Task Values_nested_too_deep_are_bad_lines()
    {
        await using var running = await RunningServer.StartAsync();
        await running.PostAsync("/v1/topics", """{"name":"cars"}""");
        var deep = new string('[', 100_000) + new string(']', 100_000);

        Assert.Equal(400, (await running.PostAsync("/v1/topics/cars/records", deep + "\n", Lines)).Status);
    }

    [Fact]
    public async Task Reading_begins_at_an_offset_a_place_or_a_time_and_ends_at_the_limit()
    {
        await using var running = await RunningServer.StartAsync();
        await running.PostAsync("/v1/topics", """{"name":"cars"}""");
        await running.PostAsync("/v1/topics/cars/records", "10\n11\n12\n", Lines);
        await running.PostAsync("/v1/topics/cars/records", "13\n14\n", Lines);

        var all = await ReadAsync(running, null);
        Assert.Equal([10, 11, 12, 13, 14], all.Select(ValueOf));
        Assert.Equal([12, 13], (await ReadAsync(running, "2", 2)).Select(ValueOf));
        Assert.Equal([11, 12, 13, 14], (await ReadAsync(running, all[1].GetProperty("place").GetString())).Select(ValueOf));
        Assert.Equal([10, 11, 12, 13, 14], (await ReadAsync(running, "2020-01-01T00:00:00Z")).Select(ValueOf));
        Assert.Empty(await ReadAsync(running, "end"));
        Assert.Equal(400, (await running.GetAsync("/v1/topics/cars/records?from=yesterday")).Status);
    }

    [Fact]
    public async Task Following_gives_a_record_that_comes_later()
    {
        await using var running = await RunningServer.StartAsync();
        await running.PostAsync("/v1/topics", """{"name":"cars"}""");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using var lines = running.Client
            .ReadAsync("cars", "start", limit: 2, follow: true, cancel: patience.Token).GetAsyncEnumerator(patience.Token);
        await running.PostAsync("/v1/topics/cars/records", "1\n", Lines);
        Assert.True(await lines.MoveNextAsync());
        var next = lines.MoveNextAsync().AsTask();
        Assert.False(next.IsCompleted);

        await running.PostAsync("/v1/topics/cars/records", "2\n", Lines);

        Assert.True(await next);
        Assert.Contains("\"value\":2", lines.Current, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_complete_topic_refuses_records()
    {
        // Rule L6.
        await using var running = await RunningServer.StartAsync();
        await running.PostAsync("/v1/topics", """{"name":"cars"}""");

        Assert.True((await running.Client.CompleteTopicAsync("cars")).Complete);

        Assert.Equal(409, (await running.PostAsync("/v1/topics/cars/records", "1\n", Lines)).Status);
    }

    private static async Task<List<JsonElement>> ReadAsync(RunningServer running, string? from, long? limit = null)
    {
        var records = new List<JsonElement>();
        await foreach (var line in running.Client.ReadAsync("cars", from, limit: limit))
        {
            using var record = JsonDocument.Parse(line);
            records.Add(record.RootElement.Clone());
        }

        return records;
    }

    private static int ValueOf(JsonElement record) => record.GetProperty("value").GetInt32();
}
