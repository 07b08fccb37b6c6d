using Kappa.Tables;

namespace Kappa.Streams.Runtime;

/// <summary>A stateful operator of one shard: it has timers, state to save, and may have rows to write.</summary>
internal interface IStage
{
    /// <summary>Its place in the order of rule T7.</summary>
    int Number { get; }

    /// <summary>The watermark value at which its next timer falls due; <see cref="long.MaxValue"/> for none.</summary>
    long NextDue { get; }

    /// <summary>
    /// The place (among all places of the run) at which the next timer was set; 0 where that does not matter.
    /// </summary>
    long NextSetAt { get; }

    /// <summary>Fires what is due next.</summary>
    /// <param name="place">The place whose watermark made it due.</param>
    /// <param name="watermark">The watermark before that place.</param>
    void Fire(int place, long watermark);

    /// <summary>Adds the rows that changed since the last call.</summary>
    void Collect(TableChanges into);

    /// <summary>Writes all state: a count, then entries of key and state.</summary>
    void Save(StateWriter into);

    /// <summary>Reads what <see cref="Save"/> wrote, keeping the entries of this shard's keys.</summary>
    void Load(StateReader from);
}
