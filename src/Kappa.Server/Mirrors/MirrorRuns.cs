using System.Collections.Concurrent;
using Kappa.Log;

namespace Kappa.Server.Mirrors;

/// <summary>
/// All mirrors of a platform. Their archives are readable from the moment it opens; copying begins when everything else
/// runs.
/// </summary>
internal sealed class MirrorRuns : IAsyncDisposable
{
    private readonly EmbeddedLog _log;
    private readonly PlatformOptions _options;
    private readonly MirrorFiles _files;
    private readonly ConcurrentDictionary<string, MirrorRun> _running = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (MirrorSetting Setting, string Error)> _broken =
        new(StringComparer.Ordinal);

    private readonly SemaphoreSlim _turn = new(1, 1);

    public MirrorRuns(EmbeddedLog log, DataFolder folder, PlatformOptions options)
    {
        _log = log;
        _options = options;
        _files = new MirrorFiles(folder.Files, folder.Mirrors);
        foreach (var setting in _files.ReadAll())
        {
            try
            {
                _running[setting.Name] = new MirrorRun(log, setting, _files, options);
            }
            catch (KappaException wrong)
            {
                // An archive that cannot be opened here costs what is in it, not the server.
                _broken[setting.Name] = (setting, $"{wrong.Message} {wrong.Next}");
                options.Report($"The mirror {setting.Name} cannot be opened: {wrong.Message} {wrong.Next}");
            }
        }
    }

    /// <summary>Every mirror and what it does, in order of name.</summary>
    public IReadOnlyList<(MirrorSetting Setting, MirrorProgress Progress, string? Error)> All =>
        [.. _running.Values.Select(run => (run.Setting, run.Mirror.Progress, run.Error))
            .Concat(_broken.Values.Select(one =>
                (one.Setting, new MirrorProgress(0, 0, [], 0), (string?)one.Error)))
            .OrderBy(one => one.Setting.Name, StringComparer.Ordinal)];

    public void Start()
    {
        foreach (var run in _running.Values)
        {
            run.Start();
        }
    }

    /// <summary>Makes a mirror, or starts or stops one; returns when its archive is known to be its own.</summary>
    /// <exception cref="KappaException">The topic or store is wrong, or the archive is another mirror's.</exception>
    public async Task<MirrorSetting> PutAsync(
        string topic, string store, bool isStopped, bool takeOver, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            var name = MirrorSetting.NameOf(topic, store);
            var there = _files.ReadAll().FirstOrDefault(one => one.Name == name);
            if (there?.Origin is not null)
            {
                throw new KappaException(
                    ErrorKind.Conflict,
                    $"'{store}' is the archive of the log this one was restored from: it is read, and nothing is"
                        + " written to it.",
                    "Mirror the topic to another place; keep this mirror as long as its records are to be read.");
            }

            var setting = (there ?? new MirrorSetting(topic, store, Guid.NewGuid(), isStopped)) with
            {
                IsStopped = isStopped,
            };

            // Attached before the one before is detached: readers always find the archive.
            var run = new MirrorRun(_log, setting, _files, _options);
            try
            {
                // The identity is durable before the archive knows it: a crash in between leaves a claim it still has.
                _files.Write(setting);
            }
            catch (KappaException)
            {
                await run.DisposeAsync();
                throw;
            }

            await StopAsync(name);
            _running[name] = run;
            await ClaimAsync(run, takeOver, isNew: there is null, cancel);
            return setting;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Forgets a mirror; its archive stays as it is.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="loseHistory">
    /// Also where only its archive has what the log has no more: that is out of reach then.
    /// </param>
    /// <param name="cancel">Gives up waiting for other changes.</param>
    /// <exception cref="KappaException">There is none, or the log needs its archive.</exception>
    public async Task<MirrorSetting> DeleteAsync(string name, bool loseHistory, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            var setting = _files.ReadAll().FirstOrDefault(one => one.Name == name) ?? throw new KappaException(
                ErrorKind.NotFound, $"There is no mirror '{name}'.", "See 'kappa mirror'.");
            if (!loseHistory && _log.Topics.Any(topic => topic.Name == setting.Topic)
                && _log.IsNeeded(setting.Topic, _running.GetValueOrDefault(name)?.Archive))
            {
                throw new KappaException(
                    ErrorKind.Conflict,
                    $"The log has not all of topic '{setting.Topic}' any more, and no other archive that is attached"
                        + " has it all: without this mirror its older records are out of reach.",
                    "Keep it, with --stop where nothing more is to be copied; or wait until another mirror has it all."
                        + " If the archive is gone for good, say so with --lose-history (?lose-history=true).");
            }

            await StopAsync(name);
            _files.Delete(name);
            return setting;
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var name in _running.Keys)
        {
            await StopAsync(name);
        }

        _turn.Dispose();
    }

    /// <summary>The archive is made its own, and it runs; but a new one that is refused is forgotten.</summary>
    private async Task ClaimAsync(MirrorRun run, bool takeOver, bool isNew, CancellationToken cancel)
    {
        var isRefused = false;
        try
        {
            if (takeOver)
            {
                await run.Mirror.TakeOverAsync(cancel);
            }

            if (!run.Setting.IsStopped)
            {
                await run.Mirror.ClaimAsync(cancel);
            }
        }
        catch (KappaException refused) when (refused.Kind != ErrorKind.Unavailable)
        {
            // One that was there stays, and says what is wrong: its archive is read all the same.
            isRefused = isNew;
            throw;
        }
        catch (KappaException)
        {
            // The store does not answer now: the mirror asks on, and says so.
        }
        finally
        {
            if (isRefused)
            {
                await StopAsync(run.Setting.Name);
                _files.Delete(run.Setting.Name);
            }
            else
            {
                // Also when whoever asked for it is gone: it was written down.
                run.Start();
            }
        }
    }

    private async Task StopAsync(string name)
    {
        _broken.TryRemove(name, out _);
        if (_running.TryRemove(name, out var run))
        {
            await run.DisposeAsync();
        }
    }
}
