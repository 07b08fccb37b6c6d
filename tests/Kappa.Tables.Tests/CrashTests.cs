using Kappa.Tables.Loop;
using Xunit;

namespace Kappa.Tables.Tests;

/// <summary>
/// Rule V3, invariant I24: a kill at any step of any verb leaves a legal state, and repeating the command finishes it.
/// Every step is tried: before and after each journal record is durable, before each effect, before each change of a
/// folder.
/// </summary>
public sealed class CrashTests
{
    private static readonly Dictionary<string,
        (int Versions, Func<Loops, Task> Run, Func<Catalog, bool> Done)> Verbs = new()
        {
            ["reprocess"] = (1, l => l.Reprocess.RunAsync(Loops.Made(2), default).AsTask(),
            c => c.Find(Loops.V(2))?.State == VersionState.Reprocessing && c.NextNumber("orders") == 3),
            ["switch"] = (2, l => l.Switch.RunAsync([Loops.V(2)], Loops.Deadline, "me", default).AsTask(),
            c => c.Live("orders")!.Version == Loops.V(2) && c.Ready("orders")!.Version == Loops.V(1)),
            ["rollback"] = (-2, l => l.Rollback.RunAsync("orders", Loops.V(2), Loops.Deadline, "me", default).AsTask(),
            c => c.Live("orders")!.Version == Loops.V(1) && c.Owners("orders").Count == 3),
            ["drop"] = (2, l => l.Drop.RunAsync(Loops.V(2), "me", default).AsTask(),
            c => c.Find(Loops.V(2))!.State == VersionState.Dropped),
            ["diff"] = (2, async l => await l.Diff.RunAsync(Loops.V(1), Loops.V(2), 3, default),
            c => c.Live("orders")!.Version == Loops.V(1) && c.Ready("orders")!.Version == Loops.V(2)),
        };

    public static TheoryData<string, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, bool>();
            foreach (var verb in Verbs.Keys)
            {
                cases.Add(verb, false);
                cases.Add(verb, true);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_verb_is_finished_by_repeating_it_when_the_process_dies_at_any_step(
        string verb, bool reconcileFirst)
    {
        var (count, run, done) = Verbs[verb];
        for (var step = 1; ; step++)
        {
            using var loops = await Loops.WithVersionsAsync(Math.Abs(count));
            if (count < 0)
            {
                await loops.Switch.RunAsync([Loops.V(-count)], Loops.Deadline, "me", default);
            }

            var died = await DiesAtAsync(loops, step, run);
            await loops.ReopenAsync();
            AssertLegal(loops.Catalog);
            if (reconcileFirst)
            {
                await loops.Reconciliation.RunAsync(default);
                AssertLegal(loops.Catalog);
                AssertFilesFollow(loops);
            }
            else
            {
                await loops.Reconciliation.EffectsAsync(default);
            }

            await run(loops);
            Assert.True(done(loops.Catalog), $"{verb} did not finish after dying at step {step}");
            AssertLegal(loops.Catalog);
            AssertFilesFollow(loops);
            Assert.Null(loops.Catalog.PendingSwitch);
            Assert.Equal(
                loops.Catalog.Versions.Where(v => v.Runs).Select(v => v.Version).ToHashSet(), loops.Versions.Running);
            if (!died)
            {
                Assert.True(step > 3, $"{verb} has only {step - 1} steps: the hooks are not called");
                return;
            }
        }
    }

    private static async Task<bool> DiesAtAsync(Loops loops, int step, Func<Loops, Task> run)
    {
        var left = step;
        var dead = false;
        void Next()
        {
            if (dead || --left == 0)
            {
                dead = true;
                throw new DiedException();
            }
        }

        loops.Log.Before = Next;
        loops.Log.After = Next;
        loops.Versions.Step = _ => Next();
        loops.Disk.Before = _ => Next();
        try
        {
            await run(loops);
            return false;
        }
        catch (DiedException)
        {
            return true;
        }
    }

    private static void AssertLegal(Catalog catalog)
    {
        foreach (var job in catalog.Jobs)
        {
            var versions = catalog.Versions.Where(v => v.Version.Job == job).ToList();
            Assert.True(versions.Count(v => v.State == VersionState.Live) <= 1, "V5: at most one live");
            Assert.True(versions.Count(v => v.State == VersionState.Ready) <= 1, "V5: at most one ready");
            Assert.NotNull(catalog.Live(job));
        }
    }

    private static void AssertFilesFollow(Loops loops)
    {
        foreach (var version in loops.Catalog.Versions)
        {
            if (version.State == VersionState.Dropped)
            {
                Assert.False(loops.HasFile(version.Version), $"{version.Version} was dropped");
            }
        }

        Assert.DoesNotContain(loops.Files, f => f.StartsWith("dropped-", StringComparison.Ordinal));
    }

    private sealed class DiedException : Exception;
}
