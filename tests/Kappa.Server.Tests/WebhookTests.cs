using Kappa.Client;
using Xunit;

namespace Kappa.Server.Tests;

/// <summary>Rule E3: webhooks are push subscriptions, at least once, with stable ids, in order per key.</summary>
public sealed class WebhookTests
{
    private static readonly PushOptions Fast = new()
    {
        RetryAfter = TimeSpan.FromMilliseconds(5),
        RetryMax = TimeSpan.FromMilliseconds(20),
        Timeout = TimeSpan.FromSeconds(5),
        SaveEvery = TimeSpan.FromMilliseconds(1),
    };

    [Fact]
    public async Task Each_record_is_posted_once_in_order_with_its_id_and_headers_E3()
    {
        using var receiver = Receiver.Open();
        await using var running = await RunningServer.StartAsync(push: Fast);
        await Loops.AppendAsync(running, "{\"Name\":\"before\",\"Amount\":1}\n");
        var made = await running.Client.PutSubscriptionAsync("hook", new SubscriptionRequest(
            "events", receiver.Url, new Dictionary<string, string> { ["Authorization"] = "Bearer secret" }));
        Assert.Equal(["Authorization"], made.Headers);

        await AppendAsync(running, "a", 3);
        await UntilAsync(() => receiver.Taken.Count == 3);

        Assert.Equal(["events/0/1", "events/0/2", "events/0/3"], receiver.Taken);
        Assert.All(receiver.All, one => Assert.Equal(("a", "Bearer secret", 1, "/hook"),
            (one.Key, one.Secret, one.Attempt, one.Path)));
        Assert.Equal("{\"Name\":\"a\",\"Amount\":2}", receiver.All[1].Body);
        var (_, listed) = await running.GetAsync("/v1/subscriptions");
        Assert.DoesNotContain("secret", listed.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_receiver_that_fails_is_tried_again_until_it_takes_the_record_in_order_E3()
    {
        using var receiver = Receiver.Open();
        receiver.Answer = got => got.Attempt < 4 ? 500 + got.Attempt : 200;
        await using var running = await RunningServer.StartAsync(push: Fast);
        await Loops.AppendAsync(running, "{\"Name\":\"x\",\"Amount\":1}\n");
        await running.Client.PutSubscriptionAsync("hook", new SubscriptionRequest("events", receiver.Url));
        await AppendAsync(running, "a", 3);
        await UntilAsync(() => receiver.Taken.Count == 3);

        Assert.Equal(["events/0/1", "events/0/2", "events/0/3"], receiver.Taken);
        Assert.Equal(12, receiver.All.Count);
    }

    [Fact]
    public async Task A_key_that_fails_holds_no_other_key_and_is_given_up_after_its_time_E3()
    {
        using var receiver = Receiver.Open();
        receiver.Answer = got => got.Key == "bad" ? 503 : 200;
        await using var running = await RunningServer.StartAsync(push: Fast);
        await Loops.AppendAsync(running, "{\"Name\":\"x\",\"Amount\":1}\n");
        await running.Client.PutSubscriptionAsync(
            "hook", new SubscriptionRequest("events", receiver.Url, GiveUpAfterSeconds: 1));
        await AppendAsync(running, "bad", 1);
        await AppendAsync(running, "good", 4);
        await UntilAsync(() => receiver.Taken.Count == 4);
        Assert.Equal(["events/0/2", "events/0/3", "events/0/4", "events/0/5"], receiver.Taken);

        await Loops.UntilAsync(
            async () => (await running.Client.SubscriptionAsync("hook")).GivenUp == 1, "nothing was given up");
        var dead = Assert.Single(await Outputs.RecordsAsync(running, "hook.undelivered"));
        Assert.Equal("bad", dead.GetProperty("key").GetString());
        Assert.Equal(1, dead.GetProperty("value").GetProperty("Amount").GetInt64());
        Assert.Contains("503", dead.GetProperty("headers").GetRawText(), StringComparison.Ordinal);
        Assert.Contains("events/0/1", dead.GetProperty("headers").GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_subscription_ends_with_its_topic_and_begins_again_only_when_it_is_added_again_E3()
    {
        using var receiver = Receiver.Open();
        var folder = RunningServer.TempFolder();
        try
        {
            await using (var running = await RunningServer.StartAsync(folder, push: Fast))
            {
                await Loops.AppendAsync(running, "{\"Name\":\"x\",\"Amount\":1}\n");
                await running.Client.PutSubscriptionAsync("hook", new SubscriptionRequest("events", receiver.Url));
                await AppendAsync(running, "a", 1);
                await UntilAsync(() => receiver.Taken.Count == 1);
                var before = await running.Client.SubscriptionAsync("hook");
                Assert.False(before.Ended);
                var refused = await Assert.ThrowsAsync<RequestFailedException>(
                    () => running.Client.DeleteTopicAsync("events"));
                Assert.Contains("subscriptions end", refused.Next, StringComparison.Ordinal);

                var said = await running.Client.DeleteTopicAsync("events", "events");
                Assert.Contains("subscription 'hook'", said.Text, StringComparison.Ordinal);
                await IsEndedAsync(running);
                Assert.Contains(
                    "hook has ended: Its topic 'events' was deleted.",
                    (await Commands.RunAsync(running, ["subscriptions"])).Out, StringComparison.Ordinal);

                // Nothing holds a topic of that name back, and what it gets is not posted.
                await Loops.AppendAsync(running, "{\"Name\":\"x\",\"Amount\":1}\n");
                await running.Client.DeleteTopicAsync("events");
            }

            await using var again = await RunningServer.StartAsync(folder, push: Fast);
            await IsEndedAsync(again);
            await Loops.AppendAsync(again, "{\"Name\":\"b\",\"Amount\":1}\n");
            await IsEndedAsync(again);
            var made = await again.Client.PutSubscriptionAsync("hook", new SubscriptionRequest("events", receiver.Url));
            Assert.False(made.Ended);
            await AppendAsync(again, "c", 1);
            await UntilAsync(() => receiver.Taken.Count == 2);
            Assert.Equal(["a", "c"], receiver.All.Select(one => one.Key));
        }
        finally
        {
            RunningServer.Delete(folder);
        }
    }

    private static async Task IsEndedAsync(RunningServer running)
    {
        var ended = await running.Client.SubscriptionAsync("hook");
        Assert.True(ended is { Ended: true, Failing: 0, Waiting: 0 });
        Assert.Contains("'events' was deleted", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_receiver_that_is_away_or_silent_gets_everything_when_it_is_back_E3()
    {
        using var receiver = Receiver.Open();
        receiver.Close();
        await using var running = await RunningServer.StartAsync(
            push: Fast with { Timeout = TimeSpan.FromMilliseconds(100) });
        await Loops.AppendAsync(running, "{\"Name\":\"x\",\"Amount\":1}\n");
        await running.Client.PutSubscriptionAsync("hook", new SubscriptionRequest("events", receiver.Url));
        await AppendAsync(running, "a", 2);
        await Loops.UntilAsync(
            async () => (await running.Client.SubscriptionAsync("hook")).Failing == 1, "nothing failed");

        // Then it is there, and does not answer.
        var silent = true;
        receiver.Answer = _ => silent ? 0 : 200;
        receiver.Reopen();
        await UntilAsync(() => receiver.All.Count > 1);
        silent = false;
        await UntilAsync(() => receiver.Taken.Count >= 2);

        Assert.Equal(["events/0/1", "events/0/2"], receiver.Taken);
    }

    [Fact]
    public async Task A_restart_goes_on_where_it_was_E3()
    {
        using var receiver = Receiver.Open();
        var folder = RunningServer.TempFolder();
        try
        {
            receiver.Answer = got => got.Key == "late" ? 500 : 200;
            await using (var running = await RunningServer.StartAsync(folder, Fast))
            {
                await Loops.AppendAsync(running, "{\"Name\":\"x\",\"Amount\":1}\n");
                await running.Client.PutSubscriptionAsync("hook", new SubscriptionRequest("events", receiver.Url));
                await AppendAsync(running, "late", 1);
                await AppendAsync(running, "a", 5);
                await UntilAsync(() => receiver.Taken.Count == 5);
            }

            receiver.Answer = _ => 200;
            await using var again = await RunningServer.StartAsync(folder, Fast);
            await AppendAsync(again, "b", 1);
            await UntilAsync(() => receiver.Taken.Count == 7);

            // Nothing that was taken is posted again after an orderly stop, and the one that failed comes at last.
            Assert.Equal(receiver.Taken.Count, receiver.Taken.Distinct().Count());
            Assert.Equal(["events/0/1", "events/0/7"], receiver.Taken.Skip(5).Order());
        }
        finally
        {
            RunningServer.Delete(folder);
        }
    }

    [Fact]
    public async Task A_crash_that_forgets_the_last_positions_repeats_records_under_their_ids_and_leaves_none_out_E3()
    {
        using var receiver = Receiver.Open();
        var folder = RunningServer.TempFolder();
        var position = Path.Combine(folder, "subscriptions", "hook.position");
        try
        {
            byte[] old;
            await using (var running = await RunningServer.StartAsync(folder, Fast))
            {
                await Loops.AppendAsync(running, "{\"Name\":\"x\",\"Amount\":1}\n");
                await running.Client.PutSubscriptionAsync("hook", new SubscriptionRequest("events", receiver.Url));
                await AppendAsync(running, "a", 3);
                await UntilAsync(() => receiver.Taken.Count == 3);
            }

            old = await File.ReadAllBytesAsync(position);
            await using (var running = await RunningServer.StartAsync(folder, Fast))
            {
                await AppendAsync(running, "b", 5);
                await UntilAsync(() => receiver.Taken.Count == 8);
            }

            await File.WriteAllBytesAsync(position, old);
            await using var again = await RunningServer.StartAsync(folder, Fast);
            await AppendAsync(again, "c", 1);
            await UntilAsync(() => receiver.Taken.Count == 14);

            // The last one has another key: it may come before those that are repeated, but not before this start.
            var ids = Enumerable.Range(1, 8).Select(i => "events/0/" + i).ToList();
            var taken = receiver.Taken.ToList();
            Assert.True(taken.IndexOf("events/0/9") >= 8);
            Assert.Equal([.. ids, .. ids[3..]], taken.Where(id => id != "events/0/9"));
        }
        finally
        {
            RunningServer.Delete(folder);
        }
    }

    [Fact]
    public async Task A_slow_receiver_holds_only_its_own_subscription_E3()
    {
        using var slow = Receiver.Open();
        using var quick = Receiver.Open();
        slow.Answer = _ => 0;
        await using var running = await RunningServer.StartAsync(push: Fast);
        await Loops.AppendAsync(running, "{\"Name\":\"x\",\"Amount\":1}\n");
        await running.Client.PutSubscriptionAsync("slow", new SubscriptionRequest("events", slow.Url));
        await running.Client.PutSubscriptionAsync("quick", new SubscriptionRequest("events", quick.Url));
        await AppendAsync(running, "a", 50);
        await UntilAsync(() => quick.Taken.Count == 50);

        Assert.Empty(slow.Taken);
    }

    [Fact]
    public async Task A_job_posts_what_its_live_version_says_E3()
    {
        using var first = Receiver.Open();
        using var second = Receiver.Open();
        await using var running = await RunningServer.StartAsync(push: Fast);
        await Loops.AppendAsync(running, "{\"Name\":\"before\",\"Amount\":50}\n");
        await Loops.DeployAsync(running, Hooked("10", first.Url));
        await Loops.UntilAsync(running, "alerts@1", "Live");
        await AppendAsync(running, "a", 12);
        await UntilAsync(() => first.Taken.Count == 2);

        // The next version says more, elsewhere; nothing of it goes out before the switch.
        await Loops.DeployAsync(running, Hooked("5", second.Url));
        await Loops.UntilAsync(running, "alerts@2", "Ready");
        await running.Client.SwitchAsync(new SwitchRequest(["alerts@2"]));
        await AppendAsync(running, "b", 7);
        await UntilAsync(() => second.Taken.Count == 2);

        Assert.Equal([11, 12], first.All.Select(Amount));
        Assert.Equal([6, 7], second.All.Select(Amount));
        Assert.Equal(await Outputs.IdsAsync(running, "big"), [.. first.Taken, .. second.Taken]);
        var taken = Assert.Single(await running.Client.SubscriptionsAsync());
        Assert.Equal(("big", "alerts"), (taken.Name, taken.Job));
        var refused = await Assert.ThrowsAsync<RequestFailedException>(
            () => running.Client.DeleteSubscriptionAsync("big"));
        Assert.Equal(409, refused.Status);
    }

    [Theory]
    [InlineData("hook", "events", "ftp://example.com/", 400)]
    [InlineData("hook", "events", "http://user:password@example.com/", 400)]
    [InlineData("hook", "events", "example.com", 400)]
    [InlineData("Hook!", "events", "http://example.com/", 400)]
    [InlineData("hook", "events@1", "http://example.com/", 400)]
    [InlineData("hook", "_kappa.lifecycle", "http://example.com/", 400)]
    [InlineData("hook", "nothing", "http://example.com/", 404)]
    public async Task A_subscription_that_cannot_be_is_refused(string name, string topic, string url, int status)
    {
        await using var running = await RunningServer.StartAsync();
        await Loops.AppendAsync(running, "{\"Name\":\"x\",\"Amount\":1}\n");
        var refused = await Assert.ThrowsAsync<RequestFailedException>(
            () => running.Client.PutSubscriptionAsync(name, new SubscriptionRequest(topic, url)));

        Assert.Equal(status, refused.Status);
        Assert.NotEmpty(refused.Next);
        Assert.Empty(await running.Client.SubscriptionsAsync());
    }

    private static long Amount(Received one) =>
        System.Text.Json.JsonDocument.Parse(one.Body).RootElement.GetProperty("amount").GetInt64();

    private static string Hooked(string over, string url) => CompiledJobs.Alerts(over)
        .Replace(".ToTopic(\"big\",", $".ToWebhook(\"big\", new Uri(\"{url}\"),", StringComparison.Ordinal);

    private static async Task AppendAsync(RunningServer running, string name, int count) =>
        await running.Client.AppendAsync(
            "events", Enumerable.Range(1, count).SelectMany(amount => Outputs.Line(name, amount)).ToArray(), "Name");

    private static Task UntilAsync(Func<bool> holds) =>
        Loops.UntilAsync(() => Task.FromResult(holds()), "the receiver did not get what it should");
}
