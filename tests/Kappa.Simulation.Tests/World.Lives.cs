namespace Kappa.Simulation;

/// <content>Starts, crashes and pauses, and what is judged after them.</content>
internal sealed partial class World
{
    private async Task StartAsync()
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                _log = await EmbeddedLog.OpenAsync(
                    new LogOptions
                    {
                        Folder = "/log",
                        Files = _machine.Files,
                        Time = _time,
                        SegmentBytesMax = 64 << 10,
                        ClockInterval = TimeSpan.FromHours(1),
                    },
                    CancellationToken.None);
                _process = await Process.OpenAsync(_job, _machine, _log, _store, _plant, _random.Next());
                return;
            }
            catch (KappaException trouble) when (trouble.Kind == ErrorKind.Unavailable && tries < 60)
            {
                // The disk's trouble passes; an operator would start again.
                Tell("start: " + trouble.Message);
                await DisposeAsync(_log);
                if (_machine.IsDead)
                {
                    Repower();
                }
            }
        }
    }

    /// <summary>After each step: everything stands still, or the power was lost and the next process starts.</summary>
    private async Task SettleAsync()
    {
        var isStill = await _process.QuiescentAsync();
        if (_machine.IsDead)
        {
            await RecoverAsync();
            isStill = await _process.QuiescentAsync();
        }

        if (!isStill)
        {
            // A partition that stopped, for one, goes on after a restart (rule L2).
            Tell("nothing moves");
            await RestartAsync();
            if (!await _process.QuiescentAsync(TimeSpan.FromSeconds(30)))
            {
                string last;
                lock (_process.Reports)
                {
                    last = _process.Reports.LastOrDefault() ?? "";
                }

                Violate($"a run does not come to rest. {last}");
            }
        }

        if (_machine.IsDead)
        {
            await RecoverAsync();
        }

        foreach (var wrong in _judge.Quick(_process))
        {
            Violate(wrong);
        }
    }

    private void Repower()
    {
        Crashes++;
        _store.Crash();
        _machine = new Machine(_machine.Left!, _time, _random.Next(), _plant, Tell);
    }

    private async Task RecoverAsync()
    {
        Tell("crash");
        var (process, log) = (_process, _log);
        Repower();
        await StartAsync();
        await DisposeAsync(process);
        await DisposeAsync(log);
        await JudgeStartAsync();
    }

    private async Task RestartAsync()
    {
        Tell("restart");
        await DisposeAsync(_process);
        await DisposeAsync(_log);
        if (_machine.IsDead)
        {
            Repower();
        }

        await StartAsync();
        await JudgeStartAsync();
    }

    private async Task JudgeStartAsync()
    {
        await JudgeAsync();
        foreach (var wrong in await _judge.StartAsync(_process, _machine))
        {
            Violate(wrong);
        }
    }

    private async Task JudgeAsync()
    {
        try
        {
            foreach (var wrong in await _judge.WholeAsync(_log, _process))
            {
                Violate(wrong);
            }
        }
        catch (KappaException stopped) when (stopped.Kind == ErrorKind.Unavailable)
        {
            // A partition stands still after a failed write (rule L2), so nothing can be judged before a restart.
            Tell("not judged: " + stopped.Message);
        }
    }

    /// <summary>
    /// The process stands still for long and is taken for dead: another takes over, though nothing was appended since.
    /// </summary>
    private async Task PauseAsync()
    {
        if (_paused.Count > 0 || _undecided is not null || _process.IsBusy)
        {
            return;
        }

        var hasPaused = await TryAsync("pause", async () =>
        {
            var next = await Process.OpenAsync(_job, _machine, _log, _store, _plant, _random.Next());
            _process.Log.IsCutOff = true;
            _paused.Add((_process, _machine));
            _process = next;
        });
        if (!hasPaused)
        {
            // Who did not come up may have opened the tables: the one that runs is shut out, and has to start again.
            await RestartAsync();
        }
    }

    /// <summary>A paused process wakes, reads on and tries to commit (rule C4); then it is gone.</summary>
    private async Task WakeAsync()
    {
        if (_paused.Count == 0)
        {
            return;
        }

        Tell("the paused one wakes");
        var (paused, machine) = _paused[0];
        for (var i = 0; i < 3; i++)
        {
            foreach (var gate in paused.Log.Gates)
            {
                gate.Grant(_random.Next(1, 6));
            }

            await paused.QuiescentAsync(TimeSpan.FromMilliseconds(40));
        }

        _paused.Clear();
        await DisposeAsync(paused);
        await JudgeAsync();
    }

    /// <summary>The trouble ends, everything is sent, read and compared.</summary>
    private async Task FinishAsync()
    {
        _machine.Heal();
        _machine.DieAfter(int.MaxValue);
        await RestartAsync();
        for (var tries = 0; tries < 30 && (_undecided is not null || tries == 0); tries++)
        {
            await AppendAsync();
            await SettleAsync();
        }

        _process.Store.DiesAtCommit = false;
        await TryAsync("complete", () => _log.ChangeAsync(new CompleteTopic(Topic), CancellationToken.None).AsTask());
        for (var tries = 0; tries < 400 && !_judge.IsAtEnd(_log, _process); tries++)
        {
            foreach (var gate in _process.Log.Gates)
            {
                gate.Grant(100);
            }

            await SettleAsync();
            if (Violations.Count > 0)
            {
                return;
            }
        }

        await JudgeStartAsync();
        if (_process.IsBusy)
        {
            Violate("a verb of the loop does not end");
        }

        if (!_judge.IsAtEnd(_log, _process))
        {
            Violate("a version does not reach the end of the log");
        }
    }
}
