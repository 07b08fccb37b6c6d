namespace Kappa.Simulation;

/// <summary>
/// Faults that <c>--plant</c> puts between the engine and its log, disk or store, each as the engine's own mistake
/// would look from there, or into its stages. The simulation must find every one.
/// </summary>
internal static class Plants
{
    public const string CommitBeforeRows = "commit-before-rows";
    public const string RowsBeforeCommit = "rows-before-commit";
    public const string CommitNotKept = "commit-acknowledged-before-it-is-kept";
    public const string RemovalsForgotten = "removals-forgotten";
    public const string EpochIgnored = "epoch-ignored";
    public const string StateAhead = "state-file-ahead-of-store";
    public const string RestartSkips = "restart-skips-a-batch";
    public const string PartitionOrder = "step-in-order-of-partitions";
    public const string LyingSync = "acknowledged-before-sync";
    public const string SyncFailureIgnored = "failed-sync-ignored";
    public const string FolderNotSynced = "folder-not-synced";
    public const string RetryAppendsAgain = "retry-appends-again";
    public const string SpillLosesChange = "spill-loses-change";
    public const string EmitTwice = "emit-twice-after-restart";

    /// <summary>Lateness goes by when memory was cleaned (rule T5).</summary>
    public const string LateAfterClean = "late-after-clean";

    /// <summary>One watermark for a whole step (rules T1 and T7).</summary>
    public const string WatermarkPerStep = "watermark-per-step";

    /// <summary>Timers come worker by worker (rules T7 and T8).</summary>
    public const string TimerOrderByWorker = "timer-order-by-worker";

    /// <summary>Timers do not come back from a state file (rule C2).</summary>
    public const string RestoreSkipsTimers = "restore-skips-timers";

    /// <summary>What lies below the committed place is written again (rule C2).</summary>
    public const string MuteNotMute = "mute-not-mute";

    /// <summary>A process that was taken for dead opens the tables anew, and is the higher epoch (rule C4).</summary>
    public const string ZombieReopens = "zombie-reopens";

    /// <summary>A process begins with the end of the log for its epoch, as another may have done (rule C4).</summary>
    public const string EpochIsLogEnd = "epoch-is-the-end-of-the-log";

    /// <summary>Records are stamped when they are read, by a wall clock that jumps (rule L1).</summary>
    public const string StampedWhenRead = "stamped-when-read";

    /// <summary>A switch takes the versions for as far as it needs them (rule V6).</summary>
    public const string SwitchDoesNotWait = "switch-does-not-wait";

    /// <summary>Readers are not pointed at the versions that are live (rules V3 and V6).</summary>
    public const string PointerStays = "pointer-stays";

    /// <summary>Readers are shown the version that comes when the switch begins (rules V6 and V7).</summary>
    public const string AnswersTooSoon = "answers-before-the-switch";

    /// <summary>The tables of a dropped version are not deleted (rule V8).</summary>
    public const string DropLeavesTables = "drop-leaves-tables";

    /// <summary>The state files of a dropped version are not deleted (rule V8).</summary>
    public const string DropLeavesState = "drop-leaves-state";

    public static readonly IReadOnlyList<string> All =
    [
        CommitBeforeRows, RowsBeforeCommit, CommitNotKept, RemovalsForgotten, EpochIgnored, StateAhead,
        RestartSkips, PartitionOrder, LyingSync, SyncFailureIgnored, FolderNotSynced, RetryAppendsAgain,
        EmitTwice, SpillLosesChange, LateAfterClean, WatermarkPerStep, TimerOrderByWorker, RestoreSkipsTimers,
        MuteNotMute, ZombieReopens, EpochIsLogEnd, StampedWhenRead, SwitchDoesNotWait, PointerStays, AnswersTooSoon,
        DropLeavesTables, DropLeavesState,
    ];
}
