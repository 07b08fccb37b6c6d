using Kappa.Log;
using Kappa.Tables.Loop;
using Xunit;

namespace Kappa.Tables.Tests;

public sealed class SwitchTests
{
    [Fact]
    public async Task A_set_of_versions_moves_at_once_and_is_held_to_one_mark() // V6, E2
    {
        using var loops = await Loops.WithVersionsAsync(2);
        await loops.ReadyAsync(1, "trips");
        await loops.ReadyAsync(2, "trips");
        var outcome = await loops.Switch.RunAsync([Loops.V(2), Loops.V(2, "trips")], Loops.Deadline, "me", default);
        Assert.True(outcome.Happened);
        Assert.Equal([Loops.V(2), Loops.V(2, "trips")], loops.Catalog.AllLive);
        Assert.All(loops.Catalog.Versions, v => Assert.True(loops.Versions.Committed[v.Version] >= outcome.At));
        Assert.Equal(outcome.At, loops.Catalog.Owners("trips")[1].After);
    }

    [Fact]
    public async Task A_switch_is_abandoned_with_its_reason_when_the_deadline_passes() // V6
    {
        using var loops = await Loops.WithVersionsAsync(2);
        loops.Versions.Stuck.Add(Loops.V(2));
        var running = loops.Switch.RunAsync([Loops.V(2)], Loops.Deadline, "me", default).AsTask();
        Assert.False(running.IsCompleted);
        await Assert.ThrowsAnyAsync<KappaException>(
            () => loops.Drop.RunAsync(Loops.V(2), "me", default).AsTask());
        loops.Time.Advance(TimeSpan.FromDays(2));
        var outcome = await running;
        Assert.False(outcome.Happened);
        Assert.Contains("orders@2", outcome.Reason, StringComparison.Ordinal);
        Assert.Equal(Loops.V(1), loops.Catalog.Live("orders")!.Version);
        Assert.Equal(VersionState.Ready, loops.Catalog.Find(Loops.V(2))!.State);
        Assert.Null(loops.Catalog.PendingSwitch);
    }

    [Fact]
    public async Task A_switch_is_abandoned_at_the_next_start_when_its_deadline_passed_meanwhile() // V6, I24
    {
        using var loops = await Loops.WithVersionsAsync(2);
        loops.Versions.Stuck.Add(Loops.V(2));
        using var kill = new CancellationTokenSource();
        var running = loops.Switch.RunAsync([Loops.V(2)], Loops.Deadline, "me", kill.Token).AsTask();
        await kill.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.NotNull(loops.Catalog.PendingSwitch);
        loops.Time.Advance(TimeSpan.FromDays(2));
        await loops.ReopenAsync();
        await loops.Reconciliation.RunAsync(default);
        Assert.Null(loops.Catalog.PendingSwitch);
        Assert.Equal(Loops.V(1), loops.Catalog.Live("orders")!.Version);
    }

    [Fact]
    public async Task Readers_are_moved_away_from_an_owner_that_fails_at_the_place_where_it_stopped() // V6
    {
        using var loops = await Loops.WithVersionsAsync(2);
        var stopped = loops.Versions.Committed[Loops.V(1)];
        loops.Versions.Failing[Loops.V(1)] = "division by zero";
        var outcome = await loops.Switch.RunAsync([Loops.V(2)], Loops.Deadline, "me", default);
        Assert.Equal((true, stopped), (outcome.Happened, outcome.At));
        Assert.Equal(VersionState.Failed, loops.Catalog.Find(Loops.V(1))!.State);
        var back = await Assert.ThrowsAnyAsync<KappaException>(
            () => loops.Rollback.RunAsync("orders", null, Loops.Deadline, "me", default).AsTask());
        Assert.Contains("failed", back.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_switch_is_abandoned_when_the_new_version_fails_on_the_way() // V6
    {
        using var loops = await Loops.WithVersionsAsync(2);
        loops.Versions.Failing[Loops.V(2)] = "no such currency";
        var outcome = await loops.Switch.RunAsync([Loops.V(2)], Loops.Deadline, "me", default);
        Assert.False(outcome.Happened);
        Assert.Contains("no such currency", outcome.Reason, StringComparison.Ordinal);
        Assert.Equal(VersionState.Failed, loops.Catalog.Find(Loops.V(2))!.State);
    }

    [Fact]
    public async Task A_rollback_goes_back_and_forth_and_never_back_in_place() // V5, I22
    {
        using var loops = await Loops.WithVersionsAsync(2);
        var one = await loops.Switch.RunAsync([Loops.V(2)], Loops.Deadline, "me", default);
        var two = await loops.Rollback.RunAsync("orders", null, Loops.Deadline, "me", default);
        var three = await loops.Rollback.RunAsync("orders", Loops.V(1), Loops.Deadline, "me", default);
        Assert.True(one.At < two.At && two.At < three.At);
        Assert.Equal(Loops.V(2), loops.Catalog.Live("orders")!.Version);
        var wrong = await Assert.ThrowsAnyAsync<KappaException>(
            () => loops.Rollback.RunAsync("orders", Loops.V(7), Loops.Deadline, "me", default).AsTask());
        Assert.Equal(ErrorKind.Conflict, wrong.Kind);
    }

    [Fact]
    public async Task A_rollback_says_what_to_do_when_there_is_nowhere_to_go()
    {
        using var loops = await Loops.WithVersionsAsync(1);
        await Assert.ThrowsAnyAsync<KappaException>(
            () => loops.Rollback.RunAsync("orders", null, Loops.Deadline, "me", default).AsTask());
        await Assert.ThrowsAnyAsync<KappaException>(
            () => loops.Rollback.RunAsync("nothing", null, Loops.Deadline, "me", default).AsTask());
        await loops.ReadyAsync(2);
        await loops.Switch.RunAsync([Loops.V(2)], Loops.Deadline, "me", default);
        await loops.Drop.RunAsync(Loops.V(1), "me", default);
        var dropped = await Assert.ThrowsAnyAsync<KappaException>(
            () => loops.Rollback.RunAsync("orders", null, Loops.Deadline, "me", default).AsTask());
        Assert.Contains("dropped", dropped.Message, StringComparison.Ordinal);
        Assert.Contains("Reprocess", dropped.Next, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_that_was_live_retires_when_its_soak_is_over_and_a_new_one_does_not() // V5
    {
        using var loops = await Loops.WithVersionsAsync(2);
        loops.Time.Advance(TimeSpan.FromDays(3));
        Assert.Empty(await loops.Soak.RetireDueAsync(Soak.Default, default));
        var now = loops.Log.End.Time;
        await loops.Switch.RunAsync([Loops.V(2)], loops.Time.GetUtcNow().AddDays(1), "me", default);
        loops.Time.Advance(now + Soak.Default - loops.Time.GetUtcNow());
        Assert.Empty(await loops.Soak.RetireDueAsync(Soak.Default, default));
        loops.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal([Loops.V(1)], await loops.Soak.RetireDueAsync(Soak.Default, default));
        Assert.Equal(VersionState.Retired, loops.Catalog.Find(Loops.V(1))!.State);
        Assert.DoesNotContain(Loops.V(1), loops.Versions.Running);
        Assert.Empty(await loops.Soak.RetireDueAsync(Soak.Default, default));
    }

    [Fact]
    public async Task Becoming_ready_retires_an_earlier_ready_version_that_is_not_live() // V5
    {
        using var loops = await Loops.WithVersionsAsync(3);
        await loops.Reconciliation.RunAsync(default);
        Assert.Equal(
            [VersionState.Live, VersionState.Retired, VersionState.Ready], loops.Catalog.Versions.Select(v => v.State));
        Assert.Equal([Loops.V(1), Loops.V(3)], loops.Versions.Running.OrderBy(v => v.Number));
    }

    [Fact]
    public async Task The_live_version_cannot_be_dropped_and_others_can_in_any_state() // V8, I25
    {
        using var loops = await Loops.WithVersionsAsync(2);
        var live = await Assert.ThrowsAnyAsync<KappaException>(
            () => loops.Drop.RunAsync(Loops.V(1), "me", default).AsTask());
        Assert.Equal(ErrorKind.Conflict, live.Kind);
        await loops.Reprocess.RunAsync(Loops.Made(3), default);
        await loops.Drop.RunAsync(Loops.V(3), "me", default);
        await loops.Drop.RunAsync(Loops.V(2), "me", default);
        Assert.Equal(4, loops.Catalog.NextNumber("orders"));
        Assert.Equal((true, false), (loops.HasFile(Loops.V(1)), loops.HasFile(Loops.V(2))));
        Assert.Equal([Loops.V(1)], loops.Versions.Running);
    }

    [Fact]
    public async Task A_catalog_taken_before_a_switch_still_answers_from_the_old_version_after_it() // V7, I21
    {
        using var loops = await Loops.WithVersionsAsync(2);
        var request = loops.Catalog;
        await loops.Switch.RunAsync([Loops.V(2)], Loops.Deadline, "me", default);
        await loops.Drop.RunAsync(Loops.V(1), "me", default);
        Assert.Equal(Loops.V(1), request.Resolve("orders-totals").Version.Version);
        Assert.Equal(VersionState.Live, request.Find(Loops.V(1))!.State);
        Assert.Equal(Loops.V(2), loops.Catalog.Resolve("orders-totals").Version.Version);
    }

    [Fact]
    public async Task A_second_switch_is_refused_while_one_is_undecided_and_the_same_one_is_joined()
    {
        using var loops = await Loops.WithVersionsAsync(2);
        await loops.ReadyAsync(1, "trips");
        await loops.ReadyAsync(2, "trips");
        loops.Versions.Stuck.Add(Loops.V(2));
        using var kill = new CancellationTokenSource();
        var running = loops.Switch.RunAsync([Loops.V(2)], Loops.Deadline, "me", kill.Token).AsTask();
        await Assert.ThrowsAnyAsync<KappaException>(
            () => loops.Switch.RunAsync([Loops.V(2, "trips")], Loops.Deadline, "me", default).AsTask());
        await kill.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        loops.Versions.Stuck.Clear();
        Assert.True((await loops.Switch.RunAsync([Loops.V(2)], Loops.Deadline, "me", default)).Happened);
    }

    [Fact]
    public async Task A_switch_that_began_without_the_history_does_not_finish_as_if_it_published_it_E3()
    {
        using var loops = await Loops.WithVersionsAsync(1);
        await loops.Reprocess.RunAsync(Loops.Made(2) with { Outputs = [new VersionOutput("alerts")] }, default);
        await loops.Versions.AdvanceAsync(Loops.V(2), loops.Log.End);
        await loops.Journal.AppendAsync(new VersionReady(Loops.V(2), loops.Log.End), default);
        loops.Versions.Stuck.Add(Loops.V(2));
        using var kill = new CancellationTokenSource();
        var running = loops.Switch.RunAsync([Loops.V(2)], Loops.Deadline, "me", kill.Token).AsTask();
        await kill.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        var refused = await Assert.ThrowsAsync<KappaException>(() => loops.Switch.RunAsync(
            [Loops.V(2)], Loops.Deadline, "me", default, publishHistory: true).AsTask());

        Assert.Contains("began without --publish-history", refused.Message, StringComparison.Ordinal);
        Assert.Null(loops.Catalog.SaysHistory("alerts"));
    }

    [Fact]
    public async Task A_crash_between_the_records_of_a_switch_keeps_the_wish_to_publish_the_history_E3_V3()
    {
        using var loops = await Loops.WithVersionsAsync(1);
        await loops.Reprocess.RunAsync(Loops.Made(2) with { Outputs = [new VersionOutput("alerts")] }, default);
        await loops.Versions.AdvanceAsync(Loops.V(2), loops.Log.End);
        await loops.Journal.AppendAsync(new VersionReady(Loops.V(2), loops.Log.End), default);
        loops.Versions.Stuck.Add(Loops.V(2));
        using var kill = new CancellationTokenSource();
        var running = loops.Switch.RunAsync(
            [Loops.V(2)], Loops.Deadline, "me", kill.Token, publishHistory: true).AsTask();
        await kill.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        await loops.ReopenAsync();
        await loops.Reconciliation.RunAsync(default);

        Assert.Equal(Loops.V(2), loops.Catalog.Live("orders")!.Version);
        Assert.True(loops.Catalog.SaysHistory("alerts"));
        var again = await loops.Switch.RunAsync([Loops.V(2)], Loops.Deadline, "me", default, publishHistory: true);
        Assert.Equal(("", "alerts"), (again.Id, Assert.Single(again.History)));
    }
}
