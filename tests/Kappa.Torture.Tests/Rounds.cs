using Kappa.Client;

namespace Kappa.Torture;

/// <summary>
/// Goes round the loop, append, replay, switch, rollback, drop, and kills the server once in each, and once while it
/// starts, until there were enough kills.
/// </summary>
internal sealed class Rounds(
    int kills, Random random, Supervisor server, Operator loop, AnswerCheck check, Moments moments,
    IReadOnlyList<Producer> producers)
{
    private bool _isStartDue;

    /// <summary>Kills that came after the answer of what they were to hit.</summary>
    public int AfterAnswer { get; private set; }

    private bool IsDone => moments.Hits >= kills;

    public async Task RunAsync()
    {
        while (!IsDone)
        {
            _isStartDue = true;
            await AppendAsync();
            var old = loop.Live;
            var next = await ReplayAsync(3 - loop.CodeOf(old));
            await SwitchAsync(old, next, await SettleAsync(old, next));
            await RollbackAsync(next, old, await SettleAsync(old, next));
            var dropped = next;
            if (random.Next(2) == 0)
            {
                check.Allow(old, next);
                await loop.AskAsync(life => life.Client.SwitchAsync(new SwitchRequest([next]), life.Dead));
                loop.IsLive(next);
                dropped = old;
            }

            await LookAsync(dropped);
            await DropAsync(dropped);
            await StopAsync();
        }
    }

    private async Task AppendAsync()
    {
        while (!IsDone)
        {
            var before = producers.Sum(producer => producer.Interrupted);
            Hurry(true);
            await moments.WaitAsync(Phase.Append);
            await server.KillAsync();
            Hurry(false);
            await RestartAsync();
            if (Count(Phase.Append, producers.Sum(producer => producer.Interrupted) > before))
            {
                return;
            }
        }
    }

    private void Hurry(bool hurried)
    {
        foreach (var producer in producers)
        {
            producer.Hurry(hurried);
        }
    }

    private async Task<string> ReplayAsync(int code)
    {
        while (true)
        {
            var version = await loop.DeployAsync(code);
            if (IsDone)
            {
                await loop.UntilAsync(version, "Ready");
                return version;
            }

            await moments.WaitAsync(Phase.Replay);
            if (await IsReprocessingAsync(version))
            {
                await server.KillAsync();
                await RestartAsync();

                // Replaying before the kill and still after it: it was hit.
                var hit = Count(Phase.Replay, await IsReprocessingAsync(version));
                moments.Learn(Phase.Replay, hit);
                var again = await loop.DeployAsync(code);
                if (again != version)
                {
                    throw new TortureException($"{version} was being replayed, but deploying it again made {again}.");
                }

                await loop.UntilAsync(version, "Ready");
                if (hit)
                {
                    return version;
                }
            }
            else
            {
                moments.Learn(Phase.Replay, false);
                await loop.UntilAsync(version, "Ready");
            }

            await loop.AskAsync(life => life.Client.DropAsync(version, life.Dead));
        }
    }

    private async Task<bool> IsReprocessingAsync(string version) =>
        (await loop.VersionAsync(version)).State == "Reprocessing";

    private async Task SwitchAsync(string from, string to, bool isSettled)
    {
        check.Allow(from, to);
        Task<LoopAnswer> Verb(ServerProcess life) => life.Client.SwitchAsync(new SwitchRequest([to]), life.Dead);
        await HitAsync(Phase.Switch, isSettled, Verb);
        await loop.AskAsync(Verb);
        await SeenAsync(to);
    }

    private async Task RollbackAsync(string from, string to, bool isSettled)
    {
        check.Allow(from, to);
        await HitAsync(Phase.Rollback, isSettled, life => life.Client.RollbackAsync(Operator.Job, null, life.Dead));

        // The word "back" means something else once it has happened, so the operator looks before repeating it.
        await loop.AskAsync(async life => (await life.Client.JobAsync(Operator.Job, life.Dead)).Live == from
            ? await life.Client.RollbackAsync(Operator.Job, null, life.Dead) : null);
        await SeenAsync(to);
    }

    private async Task DropAsync(string version)
    {
        Task<LoopAnswer> Verb(ServerProcess life) => life.Client.DropAsync(version, life.Dead);
        await HitAsync(Phase.Drop, true, Verb);
        await loop.AskAsync(Verb);
        if ((await loop.VersionAsync(version)).State is not "Dropped" and var state)
        {
            throw new TortureException($"{version} was dropped, but is {state}.");
        }

        var left = Directory.GetFiles(Path.Combine(server.Folder, "tables"), version + ".db*");
        if (left.Length > 0)
        {
            throw new TortureException($"{version} was dropped, but left {string.Join(", ", left)}.");
        }
    }

    private async Task SeenAsync(string version)
    {
        if (await loop.LiveNowAsync() is var live && live != version)
        {
            throw new TortureException($"{version} was to be live, but {live} is.");
        }

        loop.IsLive(version);
    }

    /// <summary>Kills at a random moment after a command was sent, before or after its answer.</summary>
    private async Task HitAsync<T>(Phase phase, bool isSettled, Func<ServerProcess, Task<T>> verb)
    {
        if (IsDone)
        {
            return;
        }

        var life = await server.LifeAsync();
        var sent = verb(life);
        await moments.WaitAsync(phase, isSettled);
        var answered = sent.IsCompleted;
        await server.KillAsync();
        try
        {
            await sent;
        }
        catch (Exception cut) when (!answered && Operator.IsCut(cut))
        {
            // The kill was the answer.
        }

        moments.Learn(phase, !answered, isSettled);
        AfterAnswer += answered ? 1 : 0;
        await RestartAsync();
        Count(phase, true);
    }

    private bool Count(Phase phase, bool wasHit)
    {
        moments.Add(wasHit ? phase : Phase.Missed);
        return wasHit;
    }

    /// <summary>Starts the server again; once a round, at a random restart, it is killed while it starts.</summary>
    private async Task RestartAsync()
    {
        var life = server.Begin();
        while (_isStartDue && !IsDone && random.Next(3) == 0)
        {
            await moments.WaitAsync(Phase.Start);
            var inTime = !life.IsAnnounced(server.Folder);
            moments.Learn(Phase.Start, inTime);
            if (inTime)
            {
                await life.KillAsync();
                Count(Phase.Start, true);
                _isStartDue = false;
                life = server.Begin();
            }
        }

        await server.StartAsync(life);
    }

    /// <summary>Half of the commands meet versions that stand at the end, half meet versions that catch up.</summary>
    private async Task<bool> SettleAsync(string one, string other)
    {
        var isSettled = random.Next(2) == 0;
        if (isSettled)
        {
            await loop.CaughtUpAsync(one);
            await loop.CaughtUpAsync(other);
        }

        return isSettled;
    }

    /// <summary>
    /// In half of the rounds, stops the server as an operator does, so that the lives to come begin with state files;
    /// about half of these stops are cut short by a kill.
    /// </summary>
    private async Task StopAsync()
    {
        if (IsDone || random.Next(2) == 0)
        {
            return;
        }

        var byItself = await server.StopAsync(moments.WaitAsync(Phase.Stop));
        moments.Learn(Phase.Stop, !byItself);
        if (!byItself)
        {
            Count(Phase.Stop, true);
        }

        await RestartAsync();
    }

    /// <summary>Before it goes, a version shows once more what its code made of the finished trips.</summary>
    private async Task LookAsync(string version) =>
        check.JudgeRows(await loop.AskAsync(life => Reader.TripsAsync(life, version)));
}
