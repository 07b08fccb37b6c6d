using System.Collections.Concurrent;
using Kappa.Log;
using Kappa.Tables;
using Kappa.Tables.Loop;

namespace Kappa.Streams.Runtime;

/// <summary>
/// The shell around a version's machine: reads its sequence, commits its tables, holds at marks, writes state files. It
/// starts where the store says it stopped (rule C2) and runs until cancelled or failed.
/// </summary>
internal sealed partial class JobRun
{
    /// <summary>Readers of a version that is caught up see what came in no later than this (rule C1).</summary>
    private static readonly TimeSpan LiveCommitEvery = TimeSpan.FromMilliseconds(200);

    /// <summary>What is said is kept in memory until the next commit, at most about so much.</summary>
    private const long OutputBytesMax = 16 << 20;

    private readonly ILog _log;
    private readonly Journal _journal;
    private readonly ITableStore _store;
    private readonly VersionsOptions _options;
    private readonly Topology _topology;
    private readonly CatalogVersion _version;
    private readonly StateFiles _states;
    private readonly SpillSpace _spill;
    private readonly JobMachine _machine;
    private readonly RunProgress _progress;
    private readonly HashSet<string> _read;
    private readonly TableChanges _changes = new();
    private readonly DerivedTopics _outputs = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<ITableSnapshot>> _marks;
    private readonly Frontier _frontier;
    private readonly OpenUpstream _upstream;
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Place _committed;
    private long _committedAt;
    private long _stateAt;
    private long _bytesSinceState;

    public JobRun(
        ILog log, Journal journal, ITableStore store, VersionsOptions options, Topology topology,
        CatalogVersion version, Frontier frontier, OpenUpstream upstream, Func<long> stateShare,
        ConcurrentDictionary<string, TaskCompletionSource<ITableSnapshot>> marks)
    {
        _log = log;
        _journal = journal;
        _store = store;
        _options = options;
        _topology = topology;
        _version = version;
        _marks = marks;
        _frontier = frontier;
        _upstream = upstream;
        _spill = new SpillSpace(options.Files, StateFiles.FolderOf(options.StateFolder, version.Version))
        {
            Share = stateShare,
            KeyMax = options.StateKeyLimit,
            Owner = version.Version.ToString(),
        };
        var (isExact, preloads) = (store.IsExact, version.Made.Preloads);
        _machine = new(topology, options.Workers, spill: _spill) { IsStoreExact = isExact, Preloads = preloads };
        _progress = new RunProgress(options.Time);
        _read = [.. topology.Topics.Select(topic => version.Made.Upstreams.TryGetValue(topic, out var said)
            ? new VersionOutput(topic).DerivedBy(said) : topic)];
        Projected = topology.Project(version.Made.Upstreams);
        _states = new StateFiles(
            options.Files, StateFiles.FolderOf(options.StateFolder, version.Version),
            $"{log.Id} {version.Version} {version.Made.Fingerprint}\n{topology.Describe()}");
    }

    public Place Committed => _committed;

    /// <summary>A difference between what was stored and what was computed again, or null (rule C2).</summary>
    public string? Alarm { get; private set; }

    /// <summary>How its topics are typed, those it reads from another version apart (rule L11).</summary>
    public ProjectedTopics Projected { get; }

    private JobVersion Version => _version.Version;

    /// <summary>While a version reprocesses, only final rows need to be in the store (rule C3).</summary>
    private bool IsBulk => _journal.Catalog.Find(Version)?.State == VersionState.Reprocessing;

    private bool IsCommitDue =>
        _machine.OutputBytesPending >= OutputBytesMax || _machine.IsCollectDue
        || _options.Time.GetElapsedTime(_committedAt) >= (IsBulk ? _options.CommitEvery : LiveCommitEvery);

    /// <summary>Waits until the run has committed at least up to a place.</summary>
    public async Task CommittedAsync(Place place, CancellationToken cancel)
    {
        while (true)
        {
            var moved = Volatile.Read(ref _moved).Task;
            if (_committed >= place)
            {
                return;
            }

            await moved.WaitAsync(cancel);
        }
    }

    /// <summary>Runs, with the epoch of this process (rule C4).</summary>
    public async Task RunAsync(long epoch, CancellationToken cancel)
    {
        try
        {
            _spill.Clear();
            await RunToEndAsync(epoch, cancel);
        }
        finally
        {
            _spill.Close();
            await _outputs.CloseAsync();
        }
    }

    private async Task RunToEndAsync(long epoch, CancellationToken cancel)
    {
        await using var start = _log.Read([], Place.Start);
        await using var writer = await _store.OpenAsync(Version, _machine.Tables, epoch, cancel);
        Publish(writer.Committed);
        await _outputs.OpenAsync(_log, Version, _topology.Outputs, cancel);

        if (_committed > start.CompleteTo)
        {
            throw new KappaException(
                ErrorKind.Conflict, $"{Version} stands at {_committed}, beyond the end of the log at "
                    + $"{start.CompleteTo}.", "The log was restored from an older copy: reprocess the version.");
        }

        _frontier.RaiseTo(_committed);
        var place = await RestoreAsync();
        if (place == Place.Start && _topology.PreloadedTopics is { Count: > 0 } first)
        {
            await using var ahead = await VersionSequence.OpenAsync(
                _log, first, _version, Projected, _upstream, place, cancel);
            await new Preload(_version.Made, first, _options.StepRecordsMax).RunAsync(ahead, _machine, cancel);
        }

        _outputs.Begin(place);
        await using var sequence = await VersionSequence.OpenAsync(
            _log, _topology.Topics, _version, Projected, _upstream, place, cancel);
        var reader = new StepReader(sequence, Version, _options.StepRecordsMax);
        place = await RecomputeAsync(sequence, reader, place, cancel);
        _stateAt = _committedAt = _options.Time.GetTimestamp();
        await HoldAsync(cancel);
        try
        {
            await FollowAsync(sequence, reader, writer, place, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            WriteState();
            throw;
        }
    }

    private async ValueTask<Place> RestoreAsync()
    {
        using var found = _states.OpenNewest(_committed);
        if (found is null)
        {
            await RefuseLostHistoryAsync();
            return Place.Start;
        }

        _progress.Load(found.State);
        _machine.Load(found.State);
        return found.Place;
    }

    /// <summary>Computes again, mute, what lies between the state and the committed place (rule C2).</summary>
    private async Task<Place> RecomputeAsync(
        ISequence sequence, StepReader reader, Place place, CancellationToken cancel)
    {
        var recomputed = new Recomputed(_machine.Tables);
        while (place < _committed)
        {
            cancel.ThrowIfCancellationRequested();
            if (!reader.TryRead(place, _committed))
            {
                await sequence.WaitAsync(cancel);
                continue;
            }

            Step(reader);
            place = reader.Place;
            _machine.Collect(_changes, withOpen: !IsBulk);
            recomputed.Add(_changes);
            _outputs.Recomputed(_machine);
        }

        Compare(_outputs.Difference);

        if (!_store.IsExact)
        {
            return place;
        }

        await using var stored = await _store.ReadAsync(Version, cancel);
        if (stored.Place == _committed && await recomputed.CompareAsync(stored, cancel) is { } difference)
        {
            Compare($"a row differs from the one stored: {difference}");
        }

        return place;
    }

    /// <summary>What was stored or said is kept; that it would be another now is an alarm (rule C2).</summary>
    private void Compare(string? difference)
    {
        if (difference is not null && Alarm is null)
        {
            Alarm = $"Computed again, {difference}. "
                + "The job's code is not deterministic, or its environment changed.";
            _options.Report($"{Version}: {Alarm}");
        }
    }

    private async Task FollowAsync(
        ISequence sequence, StepReader reader, ITableWriter writer, Place place, CancellationToken cancel)
    {
        while (true)
        {
            if (cancel.IsCancellationRequested)
            {
                await FinishAsync(writer, reader, place);
                cancel.ThrowIfCancellationRequested();
            }

            var complete = sequence.CompleteTo;
            var took = reader.TryRead(place, null);
            if (took)
            {
                Step(reader);
                place = reader.Place;
            }

            // Rows that are not final are there when the version may be ready (rule C3).
            var isBehind = !took && _machine.HasOpenRows;
            if (isBehind || (place > _committed && (reader.AtEnd || reader.Named is not null || IsCommitDue)))
            {
                await CommitAsync(writer, reader, place, cancel);
            }

            if (!took)
            {
                _progress.Idle();
                _frontier.RaiseTo(complete);
                await BecomeReadyAsync(sequence, complete, cancel);
                if (_machine.NextLogTime is { } logTime)
                {
                    // Nothing else may come: the log is asked for a record when the time has passed (rule L5).
                    _log.ClockAt(logTime);
                }

                await sequence.WaitAsync(cancel);
            }
        }
    }

    /// <summary>
    /// A stop between two commits: what was computed is committed, so that its state may be kept and the next start
    /// computes nothing again. A version that shall not run any more stays where it was.
    /// </summary>
    private async Task FinishAsync(ITableWriter writer, StepReader reader, Place place)
    {
        if (place > _committed && _journal.Catalog.Find(Version) is { Runs: true })
        {
            await CommitAsync(writer, reader, place, CancellationToken.None);
        }
    }

    private async Task CommitAsync(ITableWriter writer, StepReader reader, Place place, CancellationToken cancel)
    {
        // Rule E1: topics first. A crash in between leaves ids that are not written again.
        await _outputs.WriteAsync(_machine);
        Compare(_outputs.Difference);

        _machine.Collect(
            _changes, !IsBulk || reader.AtEnd || reader.Named is not null || _machine.IsCollectDue);

        // A stop waits for it: only behind a commit there is a state to be kept.
        await writer.CommitAsync(_changes, place, CancellationToken.None);
        _changes.Clear();
        _committedAt = _options.Time.GetTimestamp();
        Publish(place);
        if (reader.Named is { } named)
        {
            await MeetAsync(named, place, cancel);
        }

        if (_bytesSinceState >= _options.StateEveryBytes
            || _options.Time.GetElapsedTime(_stateAt) >= _options.StateEvery)
        {
            WriteState();
        }
    }

    private void Step(StepReader reader)
    {
        _machine.Step(reader.Batches, reader.Ahead);
        _progress.Add(reader.Batches);
        foreach (var batch in reader.Batches)
        {
            _bytesSinceState += batch.EncodedRecords.Length;
        }
    }

    private void Publish(Place place)
    {
        _committed = place;
        if (_outputs.Any)
        {
            // Not before its topics are there for those who follow it.
            _frontier.RaiseTo(place);
        }

        Interlocked.Exchange(ref _moved, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    private async Task MeetAsync(JournalRecord named, Place place, CancellationToken cancel)
    {
        // The log shows a journal record before the journal has folded it: what it decides counts from then on.
        var catalog = _journal.Catalog;
        while (catalog.Place < place)
        {
            catalog = await _journal.ChangedAsync(catalog, cancel);
        }

        if (named is Marked mark && _marks.TryRemove(KeyOf(mark.Id, Version), out var waiting))
        {
            waiting.TrySetResult(await _store.ReadAsync(Version, cancel));
        }

        await HoldAsync(cancel);
    }

    /// <summary>Holds while a switch away from this version is undecided (rule V6).</summary>
    private async Task HoldAsync(CancellationToken cancel)
    {
        var catalog = _journal.Catalog;
        while (catalog.PendingSwitch is { } pending && pending.Record.From.Contains(Version)
            && _committed >= pending.Mark)
        {
            catalog = await _journal.ChangedAsync(catalog, cancel);
        }
    }

    private async Task BecomeReadyAsync(ISequence sequence, Place complete, CancellationToken cancel)
    {
        // A busy log is never quite read to its end; a second of log time counts as caught up. What it reads may end
        // long before the log does: the records of other topics, its own outputs among them, are no lag.
        var lag = sequence.CompleteTo.LogTime - Math.Max(complete.LogTime, _committed.LogTime);
        if (_journal.Catalog.Find(Version)?.State == VersionState.Reprocessing
            && _committed >= _version.Made.Target && lag <= TimeSpan.TicksPerSecond)
        {
            try
            {
                await _journal.AppendAsync(new VersionReady(Version, _committed), cancel);
            }
            catch (KappaException refused) when (refused.Kind == ErrorKind.Conflict)
            {
                // A switch of this job is undecided: the next commit says it again.
                _options.Report($"{Version} is ready, but cannot say so yet: {refused.Message}");
            }
        }
    }

    private void WriteState()
    {
        // Between commits the machine is ahead of the store; only a state at a committed place may be kept.
        if (_machine.IsAt(_committed))
        {
            _states.Write(_committed, into =>
            {
                _progress.Save(into);
                _machine.Save(into);
            });
        }

        _stateAt = _options.Time.GetTimestamp();
        _bytesSinceState = 0;
    }

    public static string KeyOf(string mark, JobVersion version) => mark + " " + version;
}
