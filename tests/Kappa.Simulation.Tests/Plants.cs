namespace Kappa.Simulation;

/// <summary>
/// Faults that <c>--plant</c> puts between the engine and its log, disk or store, each as the engine's own mistake
/// would look from there. The simulation must find every one.
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

    public static readonly IReadOnlyList<string> All =
    [
        CommitBeforeRows, RowsBeforeCommit, CommitNotKept, RemovalsForgotten, EpochIgnored, StateAhead,
        RestartSkips, PartitionOrder, LyingSync, SyncFailureIgnored, FolderNotSynced, RetryAppendsAgain,
        EmitTwice, SpillLosesChange,
    ];
}
