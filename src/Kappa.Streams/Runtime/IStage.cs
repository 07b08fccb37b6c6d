using Kappa.Tables;

namespace Kappa.Streams.Runtime;

/// <summary>A stateful operator of one shard: it has timers, state to save, and may have rows to write.</summary>
internal interface IStage
{
    /// <summary>Its place in the order of rule T7.</summary>
    int Number { get; }

    /// <summary>
    /// The value of the stream's own watermark at which its next timer falls due; <see cref="long.MaxValue"/> for none.
    /// </summary>
    long NextDue { get; }

    /// <summary>
    /// The place (among all places of the run) at which the next timer was set; 0 where that does not matter.
    /// </summary>
    long NextSetAt { get; }

    /// <summary>The log time its next timer of log time waits for; <see cref="long.MaxValue"/> for none.</summary>
    long NextLogDue => long.MaxValue;

    /// <summary>The place at which that timer was set: it fires at a later one.</summary>
    long NextLogSetAt => 0;

    /// <summary>Fires what is due next.</summary>
    void Fire(in Firing firing);

    /// <summary>Fires the next timer of log time.</summary>
    void FireLog(in Firing firing) => throw new InvalidOperationException("This stage sets no timers of log time.");

    /// <summary>Adds the rows that changed since the last call.</summary>
    /// <param name="into">Where they go.</param>
    /// <param name="withOpen">Also those that are not final; else these wait for a later call (rule C3).</param>
    void Collect(TableChanges into, bool withOpen);

    /// <summary>What it keeps for its keys.</summary>
    IStageStates States { get; }

    /// <summary>Writes all state: a count, then entries of key and state.</summary>
    void Save(StateWriter into);

    /// <summary>Reads what <see cref="Save"/> wrote; each entry goes to the worker that has its key.</summary>
    /// <param name="from">What one worker wrote.</param>
    /// <param name="workers">This stage in each worker.</param>
    void Load(StateReader from, IReadOnlyList<IStage> workers);
}
